import Support
import TerminalUI
import Testing

@Suite("Layout")
struct LayoutTests {
  @Test("Parts never overlap, never exceed the length, and keep their minima")
  func lengths() {
    let random = CounterRandom(seed: 5, name: "layout")
    for index in 0..<2000 {
      let parts = (0..<1 + index % 5).map { part -> Layout.Part in
        let at = index * 100 + part * 10
        return Layout.Part(
          minimum: Int(random.uniform(at) * 30), weight: Int(random.uniform(at + 1) * 4),
          maximum: 20 + Int(random.uniform(at + 2) * 40), priority: Int(random.uniform(at + 3) * 3))
      }
      let length = Int(random.uniform(index * 100 + 99) * 120)
      let lengths = Layout.lengths(length, parts)
      #expect(lengths.reduce(0, +) <= length && lengths.allSatisfy { $0 >= 0 })
      let rows = Layout.rows(Rect(x: 0, y: 3, width: 5, height: length), parts)
      for (upper, lower) in zip(rows, rows.dropFirst()) { #expect(upper.bottom == lower.y) }
    }
  }

  @Test("Without room the least important part is left out")
  func priority() {
    let parts = [
      Layout.Part(minimum: 10, weight: 1, priority: 2), Layout.Part(minimum: 10, priority: 0),
      Layout.Part(minimum: 10, weight: 1, priority: 1),
    ]
    #expect(Layout.lengths(30, parts) == [10, 10, 10])
    #expect(Layout.lengths(29, parts) == [15, 0, 14])
    #expect(Layout.lengths(12, parts) == [12, 0, 0])
    #expect(Layout.lengths(5, parts) == [0, 0, 0])
  }
}
