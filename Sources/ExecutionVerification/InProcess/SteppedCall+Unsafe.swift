internal import CStepping

/// A closure as the recorder calls it.
final class SteppedCall {
  private let body: () throws -> Void
  fileprivate(set) var error: (any Error)?

  init(_ body: @escaping () throws -> Void) { self.body = body }

  fileprivate func callAsFunction() {
    do { try body() } catch { self.error = error }
  }
}

extension Recording {
  /// Calls a closure, stepped.
  convenience init(of call: SteppedCall, _ limits: StepCheck.Limits) throws(StepCheckError) {
    let context = unsafe Unmanaged.passUnretained(call)
    try unsafe self.init(
      of: { unsafe Unmanaged<SteppedCall>.fromOpaque($0!).takeUnretainedValue()() }, context.toOpaque(), limits)
  }
}
