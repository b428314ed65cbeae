/// The threads that a debugger is told of, and how it names them.
struct StubThreads {
  /// A thread in a request: -1 is all, 0 any.
  struct Name: Equatable {
    var thread: Int32
  }

  let processID: Int32
  let all: [DebuggerThread]
  /// Threads are named "pPROCESS.THREAD".
  var namesProcess = false
  private let indexes: [Int32: Int]

  /// - Parameter threads: those without registers, and those with an id that no thread has or another has too, are left out.
  init(_ threads: [DebuggerThread], processID: Int32) {
    self.processID = processID
    var indexes: [Int32: Int] = [:]
    var all: [DebuggerThread] = []
    for thread in threads where thread.registers != nil && thread.id > 0 && indexes[thread.id] == nil {
      indexes[thread.id] = all.count
      all.append(thread)
    }
    self.all = all
    self.indexes = indexes
  }

  /// The index of a thread. O(1).
  func index(_ id: Int32) -> Int? { indexes[id] }

  /// How a packet names a thread.
  func text(_ thread: DebuggerThread) -> String {
    (namesProcess ? "p\(PacketText.hexadecimal(processID))." : "") + PacketText.hexadecimal(thread.id)
  }

  /// The thread that a packet names: "p12.34", "34", "-1" for all, 0 for any; nil for one of another process, and for anything
  /// else.
  func name(_ text: some Collection<UInt8>) -> Name? {
    var thread = ArraySlice(Array(text))
    if thread.first == UInt8(ascii: "p") {
      let parts = thread.dropFirst().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard (1...2).contains(parts.count), let process = Self.id(parts[0]), process <= 0 || process == processID else {
        return nil
      }
      guard parts.count == 2 else { return Name(thread: -1) }
      thread = parts[1]
    }
    return Self.id(thread).map { Name(thread: $0) }
  }

  private static func id(_ text: ArraySlice<UInt8>) -> Int32? {
    if text.elementsEqual("-1".utf8) { return -1 }
    return PacketText.number(text).flatMap { Int32(exactly: $0) }
  }

  /// The document of `qXfer:threads:read`.
  var document: [UInt8] {
    var text = "<?xml version=\"1.0\"?>\n<threads>\n"
    for thread in all {
      text += "<thread id=\"\(self.text(thread))\" name=\"\(thread.name.escapedForXML)\">"
      text += thread.details.escapedForXML + "</thread>\n"
    }
    return Array((text + "</threads>\n").utf8)
  }
}
