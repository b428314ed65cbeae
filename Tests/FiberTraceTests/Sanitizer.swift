import CFiberTraceFixtures

/// The sanitizer that the tests and the library are built with.
enum Sanitizer: String {
  case address = "AddressSanitizer"
  case thread = "ThreadSanitizer"

  /// Nil for an ordinary build.
  static let current = unsafe fixture_sanitizer().flatMap { Sanitizer(rawValue: unsafe String(cString: $0)) }

  /// It is an ordinary build.
  static var isNone: Bool { current == nil }
}
