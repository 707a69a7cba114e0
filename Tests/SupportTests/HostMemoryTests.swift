import Testing

@testable import Support

@Suite("The machine's memory")
struct HostMemoryTests {
  private static let gibibyte = 1 << 30

  @Test("A control group leaves its limit less what is used and cannot be dropped")
  func group() throws {
    let left = HostMemory.left(
      limit: "2147483648\n", used: "1610612736\n",
      reclaimable: "cache 7\ninactive_file 536870912\nactive_file 5\n")
    let group = try #require(left.first)
    #expect(group.total == 2 * Self.gibibyte && group.available == Self.gibibyte)
    // Used beyond the limit for a moment.
    let full = HostMemory.left(limit: "1073741824", used: "1073745920", reclaimable: nil)
    #expect(full.first?.available == 0)
  }

  @Test(
    "A group without a limit, or of which nothing can be read, limits nothing",
    arguments: [("max\n", "5\n"), ("9223372036854771712\n", "5\n"), ("5000", "?"), ("", "")])
  func none(_ limit: String, _ used: String) {
    #expect(HostMemory.left(limit: limit, used: used, reclaimable: nil).isEmpty)
    #expect(HostMemory.left(limit: nil, used: nil, reclaimable: nil).isEmpty)
  }

  @Test("What may be used is never more than the machine has")
  func usable() throws {
    let memory = try #require(HostMemory.usable)
    #expect(memory.total > 0 && memory.available >= 0 && memory.available <= memory.total)
  }
}
