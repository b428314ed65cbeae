/// What `yield` throws when its generator is gone: nobody can ask for another element. Let it leave the body.
///
/// Only the library makes one, so that a body whose errors are of this type ends by itself or because it was stopped.
public struct GeneratorStopped: Error, Hashable, Sendable, CustomStringConvertible {
  init() {}

  /// One line that says what to do.
  public var description: String {
    "the generator is gone: nobody asks for another element; let this error leave the body"
  }
}
