extension StackOverflow {
  /// A line with what shows it: "stack overflowed: sp is 32 B below its 256 KiB".
  func sentence(stackSize: UInt64?) -> String {
    let whole = stackSize.map { "its \(size($0))" } ?? "its low end"
    return switch self {
    case .below(let distance): "stack overflowed: sp is \(size(distance)) below \(whole)"
    case .exhausted(let left): "stack overflowed: a fault of memory came with \(size(left)) of \(whole) left"
    }
  }
}
