import CPosix
import Datasets
import Glibc
import Readers
import Support
import TerminalNcurses
import TerminalUI

// What a test needs as a process of its own:
//
//   crash KIND             takes the terminal over and ends in that way
//   knock SOCKET TEXT      connects without any check, sends TEXT as one frame, prints what comes
//   open DATASET [IMAGES]  opens a data set; prints the samples, the seconds and the most memory
//   step MODEL FROM        what a training step takes of the system
//   samples DATASET KEPT   what a loaded sample takes; KEPT says whether decoded regions are kept (1 or 0)
//   read READER FILE       reads a file; prints whether it was taken and how much memory that took

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "crash" where words.count == 2: crash(words[1])
case "knock" where words.count == 3: if !knock(words[1], words[2]) { exit(1) }
case "open" where (2...3).contains(words.count): try open(words[1], words.dropFirst(2).first)
case "read" where words.count == 3: try read(words[1], words[2])
case "samples" where words.count == 3:
  try sampleCosts(words[1], isKept: words[2] == "1")
case "step" where words.count == 3: try stepCosts(words[1], updatesFrom: Int(words[2]))
default: exit(2)
}

/// Ends the process in the middle of a full screen.
func crash(_ kind: String) {
  guard let screen = try? NcursesScreen() else { exit(3) }
  var surface = Surface(width: screen.size.width, height: screen.size.height, glyphs: .unicode)
  surface.put("about to end by \(kind)", 1, 1, Style())
  screen.present(surface)
  _ = screen.wait(for: [], seconds: 0.3)
  switch kind {
  case "return": screen.close()
  case "exit": exit(0)
  case "fault": UnsafeMutableRawPointer(bitPattern: 64)?.storeBytes(of: 1, as: UInt8.self)
  case "trap":
    let numbers = words.map(\.count)
    print(numbers[words.count + 3])
  case "precondition": preconditionFailure("the test wants this")
  case "abort": abort()
  case "overflow": print(sink(depth: 1))
  default: exit(2)
  }
}

/// Calls itself until the stack is used up.
@inline(never)
func sink(depth: Int) -> Int {
  withUnsafeTemporaryAllocation(byteCount: 512, alignment: 16) { memory in
    memory[depth % 512] = 1
    return depth < 0 ? 0 : sink(depth: depth + 1) + Int(memory[(depth + 7) % 512])
  }
}

/// What opening a data set costs.
func open(_ path: String, _ images: String?) throws {
  let begin = Clock.monotonic()
  let set = try DatasetCatalog.open(path: path, images: images)
  let seconds = Clock.monotonic() - begin
  let peak = ProcessMemory.peakResidentBytes() ?? 0
  print("\(set.samples.count) samples, \(NumberText.fixed(seconds, 2)) s, \(peak >> 20) MiB")
}

/// A peer that does not look whom it talks to.
func knock(_ path: String, _ text: String) -> Bool {
  let descriptor = posetop_socket_connect(path)
  guard descriptor >= 0 else {
    print("refused: \(String(cString: strerror(errno)))")
    return false
  }
  let length = UInt32(text.utf8.count)
  let frame = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(text.utf8)
  _ = posetop_socket_send(descriptor, frame, frame.count)
  var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  poll(&item, 1, 5000)
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = Glibc.read(descriptor, &buffer, buffer.count)
  print(count > 0 ? "answered" : "closed")
  return count > 0
}

/// Reads a file as the reader of that name does.
func read(_ name: String, _ path: String) throws {
  guard let reader = Reader.named(name) else { exit(2) }
  let bytes = try FileReading.bytes(of: path, limit: 1 << 26)
  // What a first call sets up is not the file's doing.
  for seed in try reader.seeds() { _ = try? reader.read(seed) }
  let before = ProcessMemory.peakResidentBytes() ?? 0
  let start = Clock.monotonic()
  let isTaken = (try? reader.read(bytes)) ?? false
  let seconds = Clock.monotonic() - start
  let grown = (ProcessMemory.peakResidentBytes() ?? 0) - before
  print("\(isTaken ? "taken" : "refused") \(grown) bytes \(seconds) s")
}
