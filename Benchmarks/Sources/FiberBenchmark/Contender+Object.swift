/// What handles of a fiber share is one object of about this size.
private final class SharedObject {
  private let words: InlineArray<11, Int>

  init(_ value: Int) {
    words = InlineArray(repeating: value)
  }

  var value: Int { words[0] }
}

// Not inlined: the compiler would put the object on the stack.
@inline(never)
private func makeObject(_ value: Int) -> SharedObject { SharedObject(value) }

extension Contender {
  /// A Swift object that is made and released, and nothing else: what a handle that can be copied costs by itself.
  static func createObject(slice: Int) -> Contender {
    Contender("a Swift object alone", isOurs: false, slice: slice) {
      Workload { count in
        var last = 0
        for number in 1...count { last = makeObject(number).value }
        guard last == count else { throw UnexpectedOutcome() }
        return count
      }
    }
  }
}
