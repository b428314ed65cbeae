import Testing

@testable import ExecutionVerification

@Suite("What a mismatch says")
struct MismatchTests {
  @Test("Mismatches of one row are equal whatever was seen first")
  func subjects() {
    #expect(Mismatch.Subject.register(3) != .register(6))
  }
}
