import FiberTrace

extension Fiber.Outcome {
  /// What the fiber has yielded; nil if its body has returned.
  var yieldedValue: Yield? {
    if case .yielded(let value) = self { value } else { nil }
  }

  /// What the body has returned; nil if the fiber has yielded.
  var returnedValue: Return? {
    if case .returned(let value) = self { value } else { nil }
  }
}
