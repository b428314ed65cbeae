/// Blocks that wait, each once and with the value that came last; the one at the lowest address is next.
///
/// Any number of ways may lead to a block: what waits is bounded by the blocks, and each is put in and taken out in O(log n).
struct BlockQueue<Value: Sendable>: Sendable {
  private var values: [Int: Value] = [:]
  /// A heap: no block is above those at twice its place plus one and plus two.
  private var heap: [Int] = []

  var isEmpty: Bool { heap.isEmpty }
  var count: Int { heap.count }

  mutating func removeAll() {
    values.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
  }

  mutating func insert(_ value: Value, at block: Int) {
    guard values.updateValue(value, forKey: block) == nil else { return }
    heap.append(block)
    var place = heap.count - 1
    while place > 0, heap[(place - 1) / 2] > heap[place] {
      heap.swapAt((place - 1) / 2, place)
      place = (place - 1) / 2
    }
  }

  /// The lowest block, which waits no longer.
  mutating func popFirst() -> (block: Int, value: Value)? {
    guard let block = heap.first, let value = values.removeValue(forKey: block) else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var place = 0
    while 2 * place + 1 < heap.count {
      var child = 2 * place + 1
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[place] else { break }
      heap.swapAt(place, child)
      place = child
    }
    return (block, value)
  }
}
