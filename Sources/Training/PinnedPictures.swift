import Datasets
import Execution

/// A loader whose pictures a device reads by itself; lets their memory go before the loader gives it back.
final class PinnedPictures {
  private let backend: any Backend
  private let loader: BatchLoader

  init(_ loader: BatchLoader, _ backend: any Backend) {
    self.loader = loader
    self.backend = backend
    backend.pin(loader.pictureMemory)
  }

  deinit { backend.unpin(loader.pictureMemory) }
}
