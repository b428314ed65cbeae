import FiberTrace
import Foundation
import Testing

// Each function's name is what the tests expect in a backtrace.

@inline(never) private func captureHere() throws -> Backtrace { try Backtrace.capture() }

@inline(never) private func captureDeeper(_ depth: Int) throws -> Backtrace {
  defer { keep() }
  return try depth == 0 ? captureHere() : captureDeeper(depth - 1)
}

@inline(never) @_optimize(none) private func keep() {}

@inline(never) private func throughFiber(_ body: @escaping () throws -> Backtrace) throws -> Backtrace {
  let fiber = try Fiber<Void, Backtrace, Backtrace>(name: "through") { suspend, _ in
    try suspend(try body())
    return try captureDeeper(1)
  }
  defer { keep() }
  return try first(fiber)
}

@inline(never) private func first(_ fiber: Fiber<Void, Backtrace, Backtrace>) throws -> Backtrace {
  defer { keep() }
  return switch try fiber.resume() {
  case .yielded(let backtrace), .returned(let backtrace): backtrace
  }
}

@inline(never) private func resumeAgain(_ fiber: Fiber<Void, Backtrace, Backtrace>) throws -> Backtrace {
  defer { keep() }
  return try first(fiber)
}

/// The functions of these tests and of the switch in a backtrace, innermost first; what else there is of the library, and what
/// the compiler puts between, left out. Fails on any other function before the test's own.
private func functions(_ backtrace: Backtrace, until last: String) -> [String] {
  var names: [String] = []
  for frame in backtrace.frames {
    guard let symbol = frame.symbol(), let linkage = symbol.linkageName, let name = symbol.name else {
      return names + ["no symbol at \(frame)"]
    }
    // The module FiberTrace; FiberTraceTests begins with $s15.
    if linkage.hasPrefix("$s10FiberTrace") || linkage == "ft_resume" || linkage == "ft_suspend" { continue }
    if name.contains("reabstraction thunk") { continue }
    let short: String =
      if let range = name.range(of: ") throws -> FiberTrace.Backtrace in "), name.contains("closure #") {
        "closure in " + simple(name[range.upperBound...])
      } else {
        simple(name[...])
      }
    if short != names.last || !short.hasPrefix("closure") { names.append(short) }
    if short == last { return names }
  }
  return names + ["no \(last)"]
}

/// `f` of `(Module.f in _12AB)(x: T) -> U` or `Module.T.f() -> U`.
private func simple(_ name: Substring) -> String {
  if let known = ["captureHere", "captureDeeper", "throughFiber", "first", "resumeAgain"].first(where: {
    name.contains("(\($0) in _")
  }) {
    return known
  }
  return name.prefix { $0 != "(" }.split(separator: ".").last.map(String.init) ?? String(name)
}

/// Under a sanitizer a function of the same name stands around the switch.
private let resume = (Sanitizer.isNone ? [] : ["ft_fiber_resume_bare"]) + ["ft_fiber_resume"]
private let boundary = ["ft_fiber_start"] + resume
private let onceThrough = ["closure in throughFiber"] + boundary + ["first", "throughFiber"]

@Suite("A backtrace")
struct BacktraceTests {
  @Test("begins in the function that captures it")
  @inline(never)
  func beginsHere() throws {
    let backtrace = try captureDeeper(2)
    let expected = ["captureHere", "captureDeeper", "captureDeeper", "captureDeeper", "beginsHere"]
    #expect(functions(backtrace, until: "beginsHere") == expected)
  }

  @Test("crosses one, two and three fibers, frame by frame", arguments: 1...3)
  @inline(never)
  func crossesFibers(depth: Int) throws {
    var body: () throws -> Backtrace = { try captureDeeper(0) }
    var expected = ["captureHere", "captureDeeper", "closure in crossesFibers"]
    for _ in 0..<depth {
      let inner = body
      body = { try throughFiber(inner) }
      expected += onceThrough
      expected += ["closure in crossesFibers"]
    }
    let backtrace = try body()
    #expect(functions(backtrace, until: "crossesFibers") == expected + ["crossesFibers"])

    let fibers = backtrace.frames.compactMap(\.fiber)
    #expect(fibers.map(\.name) == Array(repeating: "through", count: depth))
    #expect(fibers.map(\.id) == fibers.map(\.id).sorted(by: >))
    // It reaches the root of the thread.
    #expect(backtrace.end == .outermost)
    #expect(backtrace.frames.last?.symbol()?.modulePath?.contains("libc.so") == true || backtrace.frames.count > 20)
  }

  @Test("follows a fiber to whoever resumes it now, from another depth")
  @inline(never)
  func secondResume() throws {
    let fiber = try Fiber<Void, Backtrace, Backtrace> { suspend, _ in
      try suspend(try captureHere())
      return try captureDeeper(1)
    }
    let once = try first(fiber)
    let again = try resumeAgain(fiber)
    let expected = ["captureHere", "closure in secondResume"] + boundary
    #expect(functions(once, until: "secondResume") == expected + ["first", "secondResume"])
    let deeper = ["captureHere", "captureDeeper", "captureDeeper", "closure in secondResume"] + boundary
    #expect(functions(again, until: "secondResume") == deeper + ["first", "resumeAgain", "secondResume"])
  }

  @Test("knows which of its addresses are return addresses")
  @inline(never)
  func addressKinds() throws {
    let backtrace = try throughFiber { try captureHere() }
    var afterStart = false
    for frame in backtrace.frames {
      switch frame.address {
      case .programCounter(let value):
        #expect(afterStart, "\(frame)")
        #expect(frame.address.lookup == value)
      case .returnAddress(let value):
        #expect(!afterStart)
        #expect(frame.address.lookup == value - 1)
      }
      afterStart = frame.fiber != nil
    }
    #expect(backtrace.frames.count { $0.fiber != nil } == 1)
  }

  @Test("marks the frame that a signal has interrupted as a program counter, on a thread's stack and on a fiber's")
  @inline(never)
  func signalFrame() throws {
    let direct = try captureInHandler()
    let fiber = try Fiber<Void, Never, Backtrace>(name: "interrupted") { _, _ in try captureInHandler() }
    let inFiber =
      switch try fiber.resume() {
      case .returned(let backtrace): backtrace
      }
    for backtrace in [direct, inFiber] {
      let interrupted = backtrace.frames.firstIndex { frame in
        guard case .programCounter = frame.address else { return false }
        return frame.symbol()?.modulePath?.contains("libc.so") == true
      }
      let caller = backtrace.frames.lastIndex { $0.symbol()?.name?.contains("captureInHandler") == true }
      let isBefore = try #require(interrupted) < #require(caller)
      #expect(isBefore)
      #expect(backtrace.end == .outermost)
    }
    #expect(inFiber.frames.compactMap(\.fiber?.name) == ["interrupted"])
    #expect(inFiber.frames.contains { $0.symbol()?.name?.contains("signalFrame() throws") == true })
  }

  @Test("is cut at its limit and says so", arguments: [0, 1, 5, -3])
  func limit(limit: Int) throws {
    let backtrace = try throughFiber { try Backtrace.capture(limit: limit) }
    #expect(backtrace.frames.count == max(0, limit))
    #expect(backtrace.end == .limit)
    #expect(backtrace.description.hasSuffix("and more"))
  }

  @Test("describes itself one frame a line, with the fiber where one begins")
  func description() throws {
    let backtrace = try throughFiber { try captureHere() }
    let lines = backtrace.description.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == backtrace.frames.count + 1)
    let id = try #require(backtrace.frames.compactMap(\.fiber).first?.id)
    let boundary = try #require(lines.firstIndex(of: "   ── fiber #\(id) \"through\" resumed by ──"))
    #expect(lines[boundary - 1].contains("  ft_fiber_start + 0x"))
    #expect(lines[boundary + 1].contains("  \(resume[0]) + 0x"))
    #expect(lines.first?.hasPrefix("   0  captureHere() + 0x") == true)
  }

  @Test("of raw addresses agrees with the rich one")
  func rawAgrees() throws {
    let fiber = try Fiber<Void, Void, ([UInt], [UInt])> { _, _ in
      let inner = try Fiber<Void, Void, ([UInt], [UInt])> { _, _ in
        let buffer = UnsafeMutableBufferPointer<UInt>.allocate(capacity: 1000)
        defer { unsafe buffer.deallocate() }
        let rich = try Backtrace.capture().frames.map(\.address.value)
        let count = unsafe Backtrace.captureRaw(into: buffer)
        return (rich, unsafe Array(buffer[..<count]))
      }
      guard case .returned(let both) = try inner.resume() else { return ([], []) }
      return both
    }
    guard case .returned(let (rich, raw)) = try fiber.resume() else {
      Issue.record("it did not end")
      return
    }
    #expect(rich.count > 10)
    // The function that captures stands at another call.
    #expect(raw.count == rich.count)
    #expect(raw.dropFirst() == rich.dropFirst())
  }

  @Test("of raw addresses needs no buffer to find none")
  func rawWithoutBuffer() {
    #expect(unsafe Backtrace.captureRaw(into: UnsafeMutableBufferPointer(start: nil, count: 0)) == 0)
  }

  @Test("of raw addresses leaves one place of its buffer unused", arguments: [0, 1, 2, 5])
  func rawLimit(capacity: Int) {
    #expect(raw(capacity).count == max(0, capacity - 1))
  }
}

/// For the signal handler, which captures nothing.
nonisolated(unsafe) private var signalBacktrace: Backtrace?

/// A backtrace taken by the handler of a signal that this thread sends to itself. One test at a time may call it.
@inline(never)
private func captureInHandler() throws -> Backtrace {
  var action = sigaction()
  var previous = sigaction()
  unsafe action.__sigaction_handler.sa_handler = { _ in
    unsafe signalBacktrace = try? Backtrace.capture()
  }
  unsafe sigaction(SIGUSR2, &action, &previous)
  // The test's thread blocks signals. Sent to itself, this one has come when the call returns.
  var signals = sigset_t()
  var blocked = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe sigaddset(&signals, SIGUSR2)
  unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &blocked)
  pthread_kill(pthread_self(), SIGUSR2)
  unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil)
  unsafe sigaction(SIGUSR2, &previous, nil)
  return try #require(unsafe signalBacktrace)
}

@inline(never)
private func raw(_ capacity: Int) -> [UInt] {
  unsafe [UInt](unsafeUninitializedCapacity: capacity) { buffer, count in
    unsafe count = Backtrace.captureRaw(into: UnsafeMutableBufferPointer(rebasing: buffer[..<capacity]))
  }
}
