/// Answers a debugger's requests about a snapshot: a server of gdb's remote serial protocol (appendix E of gdb's manual) for which
/// fibers are threads. Nothing can be changed, and nothing runs.
package struct DebuggerStub {
  /// What could not be read, in the order it was met.
  package let problems: [Problem]
  /// What is worth saying of the snapshot besides.
  package let notes: [Problem]

  /// Where a snapshot comes from.
  enum Origin: Equatable {
    /// A process, which goes on.
    case process(Int32)
    case core(path: String)

    /// How messages call it.
    var place: String {
      switch self {
      case .process(let id): "process \(id)"
      case .core(let path): path
      }
    }
  }

  let origin: Origin
  let snapshot: Snapshot
  let description: TargetDescription
  let registerNotes: CoreThreadNotes
  /// Path of the program, as the process has it; nil if nothing tells.
  let executable: String?
  var threads: StubThreads
  /// nil where a debugger finds the same files by itself.
  var files: StubFiles?
  /// Index of the thread that registers are asked of.
  var current = 0
  /// Documents that are read piece by piece, made when they are first asked for.
  var documents: [String: [UInt8]] = [:]
  /// The rest of a list of threads that is asked for bit by bit.
  var unlisted = 0..<0

  /// - Parameters:
  ///   - snapshot: what is served.
  ///   - registerNotes: the threads' whole register sets, if a core has them.
  ///   - root: what is put before the paths of files that are no modules.
  ///   - origin: where the snapshot comes from.
  /// - Throws: if there is neither a thread nor a fiber with registers.
  /// - Complexity: O(fibers + frames of threads).
  init(
    _ snapshot: Snapshot, registerNotes: CoreThreadNotes, root: String, origin: Origin
  ) throws(InspectionError) {
    self.snapshot = snapshot
    self.origin = origin
    self.registerNotes = registerNotes
    let found = snapshot.debuggerThreads()
    let processID = snapshot.processID ?? snapshot.threads.first?.id ?? 1
    threads = StubThreads(found.all, processID: max(1, processID))
    let hidden = found.all.count - threads.all.count
    problems =
      snapshot.problems + found.problems
      + (hidden > 0 ? [Problem("\(counted(hidden, "thread")) without registers, or with an id twice, left out")] : [])
    notes = snapshot.notes + found.notes + [Self.noteOnVirtualObject(snapshot)].compactMap(\.self)
    description = TargetDescription(hasAVX: registerNotes.threads.values.contains(where: RegisterImage.hasAVX))
    let auxiliary = AuxiliaryVector.values(registerNotes.auxiliary[...])
    let place = auxiliary[AuxiliaryVector.programHeaders] ?? auxiliary[AuxiliaryVector.entry]
    executable = place.flatMap { address in snapshot.modules.first { $0.range.contains(address) }?.path }
    if StubFiles.areNeeded(for: snapshot) {
      files = StubFiles(snapshot, processID: threads.processID, root: root, executable: executable)
    }
    guard !threads.all.isEmpty else {
      throw InspectionError(
        .malformedCore, place: origin.place,
        "there is neither a thread nor a fiber with registers in it: a debugger could not show anything")
    }
    current = threads.all.firstIndex(where: Self.wasSignalled(in: snapshot)) ?? 0
  }

  /// Without files from the process gdb knows nothing of the vdso, which has no file; it matters where a thread is in it.
  private static func noteOnVirtualObject(_ snapshot: Snapshot) -> Problem? {
    guard !StubFiles.areNeeded(for: snapshot), let object = snapshot.modules.first(where: { $0.path == "[vdso]" }),
      let thread = snapshot.threads.first(where: { object.range.contains($0.registers?.programCounter ?? 0) })
    else { return nil }
    return Problem(
      "thread \(thread.id) is in the vdso, whose frames gdb finds after: add-symbol-file-from-memory "
        + hexadecimal(object.range.lowerBound))
  }

  private static func wasSignalled(in snapshot: Snapshot) -> (DebuggerThread) -> Bool {
    { thread in
      guard case .thread(let index) = thread.subject else { return false }
      return snapshot.threads[index].signal != 0
    }
  }

  /// The answer to one packet. Never traps, whatever it holds.
  package mutating func reply(to packet: [UInt8]) -> StubReply {
    guard let first = packet.first else { return .unsupported }
    let rest = packet.dropFirst()
    switch first {
    case UInt8(ascii: "?"): return StubReply(stopReply)
    case UInt8(ascii: "H"): return selectThread(rest)
    case UInt8(ascii: "T"): return isAlive(rest)
    case UInt8(ascii: "g"): return StubReply(registers(of: threads.all[current]).packet(description.registers))
    case UInt8(ascii: "p"): return register(rest)
    case UInt8(ascii: "m"): return memory(rest)
    case UInt8(ascii: "q"), UInt8(ascii: "Q"): return query(packet)
    case UInt8(ascii: "v"): return extended(packet)
    case UInt8(ascii: "D"): return leave(StubReply.ok)
    case UInt8(ascii: "k"):
      // There is no answer to it, and what sent it believes the process dead.
      var reply = StubReply("", line: refusal("killed"))
      reply.data = nil
      return leave(reply)
    default: return change(packet)
    }
  }

  private func leave(_ reply: StubReply) -> StubReply {
    var reply = reply
    reply.isLast = true
    return reply
  }
}
