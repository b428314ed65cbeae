// Swift 6.3 infers `any Error` of a closure that throws and does not say what. Without these the compiler calls that an "invalid
// conversion of thrown error type", which does not tell what to write.
extension Generator {
  /// Refused by the compiler: the body has to say what it throws.
  @available(
    *, unavailable,
    message: "say what the body throws: { yield throws(GeneratorStopped) in … }; others may fail in a ThrowingGenerator"
  )
  public init(
    name: String? = nil, stackSize: Int = FiberStack.defaultSize, _ body: @escaping (Yield) throws -> Void
  ) throws(FiberError) {
    preconditionFailure("an unavailable initializer cannot be called")
  }

  /// Refused by the compiler: the body has to say what it throws.
  @available(
    *, unavailable,
    message: "say what the body throws: { yield throws(GeneratorStopped) in … }; others may fail in a ThrowingGenerator"
  )
  public init(name: String? = nil, pool: FiberStackPool, _ body: @escaping (Yield) throws -> Void) throws(FiberError) {
    preconditionFailure("an unavailable initializer cannot be called")
  }
}
