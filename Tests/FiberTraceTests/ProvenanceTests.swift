import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

@Suite("A program that links FiberTrace")
struct ProvenanceTests {
  @Test(
    "keeps its providers of _Unwind_* and backtrace, and its C++ exceptions, when libunwind is loaded",
    .enabled(if: Sanitizer.isNone, "sanitizers provide these functions themselves"))
  func providers() throws {
    try Backtrace.prepare()
    _ = try Backtrace.capture()
    // It is there, ...
    let isLoaded = unsafe dlopen("libunwind.so.8", RTLD_NOLOAD | RTLD_LAZY) != nil
    #expect(isLoaded)
    // ... and nobody else has noticed.
    let unwind = unsafe path(fixture_provider_of_unwind())
    let backtrace = unsafe path(fixture_provider_of_backtrace())
    #expect(unwind.contains("libgcc_s.so"))
    #expect(backtrace.contains("libc.so"))
    #expect(fixture_throw_and_catch() == 1)
  }

  @Test("throws and catches C++ exceptions inside fibers")
  func exceptionInFiber() throws {
    let fiber = try Fiber<Void, Int32, Int32> { suspend, _ in
      try suspend(fixture_throw_and_catch())
      return fixture_throw_and_catch()
    }
    #expect(try fiber.resume() == .yielded(1))
    #expect(try fiber.resume() == .returned(1))
  }

  private func path(_ name: UnsafePointer<CChar>?) -> String {
    unsafe name.map { unsafe String(cString: $0) } ?? ""
  }
}
