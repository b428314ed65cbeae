/// What a fiber keeps to itself that its thread's fibers share otherwise. Each costs time at each resume of such a fiber, and
/// nothing in others.
public struct FiberOptions: OptionSet, Sendable {
  /// A bit for each option.
  public let rawValue: UInt8

  /// The options whose bits are set.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// How it rounds, which floating-point exceptions trap, and how denormals are treated: the control bits of MXCSR and the x87
  /// control word, which the psABI (3.2.1) has calls preserve.
  ///
  /// The body starts with the state of whoever creates the fiber, and finds what it has set when it is resumed; its resumers keep
  /// theirs. Without it, what a body changes stays changed when it suspends. Some 15 ns a resume.
  public static let floatingPointControl = FiberOptions(rawValue: 1 << 0)

  /// The C++ handlers that it has entered (`__cxa_get_globals` of the Itanium C++ ABI, 2.2.2), so that C++ code in it may
  /// suspend inside a `catch`.
  ///
  /// Without it the C++ library takes a handler of the fiber and one of its resumer for nested, and a `throw;` may throw the
  /// wrong exception. Some 5 ns a resume.
  public static let caughtExceptions = FiberOptions(rawValue: 1 << 1)
}
