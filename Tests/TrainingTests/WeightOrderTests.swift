import Graph
import Support
import TensorFiles
import TestSupport
import Testing

@testable import Training

/// How weights get into the order of PyTorch's files.
@Suite struct WeightOrderTests {
  @Test(
    arguments: [
      .linear(input: 130, output: 37), .linear(input: 5, output: 3),
      .convolution(kh: 3, kw: 2, input: 23, output: 16),
      .transposedConvolution(kh: 2, kw: 3, input: 33, output: 12),
      .flattenedLinear(h: 3, w: 5, c: 9, output: 17),
    ] as [ParameterLayout])
  func `a panel's columns are the file's, whatever their number`(layout: ParameterLayout) {
    let values = (0..<layout.count).map { Float($0) }
    let panel = FilePanel(layout)
    var found: [Float] = []
    values.withUnsafeBufferPointer { values in
      for first in stride(from: 0, to: layout.columns, by: FilePanel.width) {
        found += panel.take(values, from: first).bindMemory(to: Float.self)
      }
    }
    #expect(found == values.indices.map { Float(layout.position(ofFileIndex: $0)) })
    #expect(layout.arranged(fromFile: found) == values)
  }

  private func tensors(_ counts: [Int]) -> [TensorToWrite] {
    counts.enumerated().map { number, count in
      TensorToWrite(name: "tensor \(number)", element: .float32, shape: [count]) {
        (write) throws(FileError) in
        let values = (0..<count).map { Float($0 % 1000 + number) }
        try values.withUnsafeBytes { bytes in
          Result { () throws(FileError) in try write(bytes) }
        }.get()
      }
    }
  }

  @Test func `a second thread writes the same file, and says what the disk refuses`() throws {
    let folder = TemporaryFolder()
    let tensors = tensors([3, WriteAhead.pieceCount + 5, 0, 1, WriteAhead.pieceCount])
    let (plain, ahead) = (Path.join(folder.path, "plain"), Path.join(folder.path, "ahead"))
    let metadata = [(key: "format", value: "pt")]
    try TensorFileWriter.commit(plain, tensors: tensors, metadata: metadata)
    let counting = FailingStorage(.noSpace, at: nil, isSticky: false)
    try TensorFileWriter.commit(
      ahead, tensors: tensors, metadata: metadata, ahead: true, storage: counting)
    let bytes = try FileReading.bytes(of: plain, limit: 1 << 30)
    #expect(try FileReading.bytes(of: ahead, limit: 1 << 30) == bytes)
    // The last call closes the folder, when all is done.
    for call in 0..<counting.calls - 1 {
      let failing = FailingStorage(.noSpace, at: call, isSticky: false)
      #expect(throws: FileError.self) {
        try TensorFileWriter.commit(
          ahead, tensors: tensors, metadata: metadata, ahead: true, storage: failing)
      }
      #expect(try FileReading.bytes(of: ahead, limit: 1 << 30) == bytes)
      #expect(Path.names(in: folder.path)?.count == 2, "nothing half written stays")
    }
  }
}
