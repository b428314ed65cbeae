internal import FiberTrace

typealias Voyage = Fiber<Void, Void, Void>

/// What a fiber's functions share: the way they take, and what they write down on it.
final class Ship {
  let number: Int
  let route: Route
  /// The functions that it is in, outermost first: each writes its own name here when it is entered.
  private(set) var path: [String] = []
  /// What it waits for at its mooring, or nil.
  private(set) var reason: StaticString?
  /// The sum of all words of cargo on board.
  private var weight: UInt64 = 0
  /// Lowest and highest address of cargo on the fiber's stack.
  private var lowest = UInt.max
  private var highest: UInt = 0

  init(number: Int, route: Route) {
    self.number = number
    self.route = route
    // So that the functions need little stack of their own.
    path.reserveCapacity(route.passages.count + 2)
  }

  /// Bytes of stack between the cargo of its first function and that of its last.
  var span: Int { highest < lowest ? 0 : Int(highest - lowest) }

  /// Each function begins with this. Answers the one that it goes on to.
  @inline(never)
  func enter(_ function: String = #function) -> Place {
    path.append(function)
    return path.count <= route.passages.count ? route.passages[path.count - 1] : route.mooring
  }

  /// The last function begins with this.
  @inline(never)
  func enter(waiting reason: StaticString?, _ function: String = #function) {
    path.append(function)
    self.reason = reason
  }

  /// Fills a function's cargo with words that only this ship has.
  @inline(never)
  func load<let count: Int>(_ cargo: inout InlineArray<count, UInt32>) {
    var words = Sequence64(seed: UInt64(number) << 8 | UInt64(path.count))
    for index in cargo.indices {
      cargo[index] = UInt32(truncatingIfNeeded: words.next())
      weight += UInt64(cargo[index])
    }
    unsafe withUnsafePointer(to: &cargo) {
      let address = UInt(bitPattern: $0)
      lowest = min(lowest, address)
      highest = max(highest, address)
    }
  }

  /// Each function ends with this: it takes the cargo off, and the name.
  @inline(never)
  func leave<let count: Int>(_ cargo: inout InlineArray<count, UInt32>) {
    for index in cargo.indices { weight -= UInt64(cargo[index]) }
    path.removeLast()
  }

  /// All that was loaded was found again.
  var isEmpty: Bool { weight == 0 && path.isEmpty }
}
