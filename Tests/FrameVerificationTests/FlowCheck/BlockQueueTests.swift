import Testing

@testable import FrameVerification

@Suite struct BlockQueueTests {
  @Test func `blocks come out in order, each once, with what was put in last`() throws {
    var queue = BlockQueue<Int>()
    let blocks = (0..<1000).map { $0 * 7919 % 1000 }
    for (value, block) in (blocks + blocks.reversed()).enumerated() { queue.insert(value, at: block) }
    #expect(queue.count == 1000)
    var order: [Int] = []
    while let (block, value) = queue.popFirst() {
      #expect(value == 1999 - (blocks.firstIndex(of: block) ?? 0))
      order.append(block)
    }
    #expect(order == Array(0..<1000))
    #expect(queue.isEmpty)
  }
}
