import CPosix
import Glibc
import Support

/// How a shared library is opened: dlopen(3), or what stands for it in a test.
///
/// A library stays open until the process ends: NVIDIA's do not bear being closed.
public struct LibraryOpener: Sendable {
  /// An open library: the loader's handle.
  public struct Handle: Sendable, Hashable {
    let address: UInt

    /// A handle by its address.
    public init(address: UInt) { self.address = address }
  }

  /// Why a library was not opened.
  public struct Refusal: Error, Hashable {
    /// The loader's words.
    public let reason: String

    /// A refusal in the loader's words.
    public init(reason: String) { self.reason = reason }
  }

  let open: @Sendable (_ path: String) -> Result<Handle, Refusal>
  let symbol: @Sendable (_ library: Handle, _ name: String) -> UInt?
  let file: @Sendable (_ symbol: UInt) -> String?

  /// - Parameters:
  ///   - open: opens the library at a path, or under a bare name.
  ///   - symbol: the address of a symbol; nil where the library has none of that name.
  ///   - file: the file that holds an address.
  public init(
    open: @escaping @Sendable (_ path: String) -> Result<Handle, Refusal>,
    symbol: @escaping @Sendable (_ library: Handle, _ name: String) -> UInt?,
    file: @escaping @Sendable (_ symbol: UInt) -> String?
  ) {
    (self.open, self.symbol, self.file) = (open, symbol, file)
  }

  /// The system's loader.
  public static let system = LibraryOpener(
    open: { path in
      if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) {
        return .success(Handle(address: UInt(bitPattern: handle)))
      }
      let reason = dlerror().map { UntrustedText.clean(String(cString: $0), limit: 400) }
      return .failure(Refusal(reason: reason ?? "the loader does not say why"))
    },
    symbol: { library, name in
      dlsym(UnsafeMutableRawPointer(bitPattern: library.address), name)
        .map { UInt(bitPattern: $0) }
    },
    file: { address in
      var path = [CChar](repeating: 0, count: Int(PATH_MAX))
      guard
        posetop_file_of_symbol(UnsafeRawPointer(bitPattern: address), &path, path.count) == 0
      else { return nil }
      return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    })
}

/// Fills a table of function pointers from an open library.
///
/// The type of each function is its field's, so no type is written twice.
struct SymbolBinder {
  let opener: LibraryOpener
  let library: LibraryOpener.Handle
  /// The first symbol that the library does not have.
  private(set) var missing: String?

  init(_ opener: LibraryOpener, _ library: LibraryOpener.Handle) {
    (self.opener, self.library) = (opener, library)
  }

  /// Sets a field to the function of this name.
  mutating func bind<Function>(_ field: inout Function?, _ symbol: String) {
    precondition(MemoryLayout<Function>.size == MemoryLayout<UInt>.size)
    guard let address = opener.symbol(library, symbol), address != 0 else {
      missing = missing ?? symbol
      return
    }
    field = unsafeBitCast(address, to: Function.self)
  }

  /// The same for a function that one can do without.
  mutating func bindIfPresent<Function>(_ field: inout Function?, _ symbol: String) {
    let before = missing
    bind(&field, symbol)
    missing = before
  }
}
