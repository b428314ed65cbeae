/// A dump as one JSON document, described in Docs/dump-json.md.
public struct JSONReport {
  /// The version of the document: it rises when a member loses or changes its meaning, not when one is added.
  public static let version = 1

  private let dump: Dump
  private let detail: ReportDetail

  /// A report of `dump`.
  ///
  /// - Parameter detail: what of each frame is shown; the runtime's own frames always are.
  public init(_ dump: Dump, detail: ReportDetail = ReportDetail()) {
    self.dump = dump
    self.detail = detail
  }

  /// Writes the document, a thread or a fiber at a time. O(frames).
  ///
  /// - Parameters:
  ///   - groups: which stacks are identical, to have them once, as `threadGroups` and `fiberGroups` instead of `threads` and
  ///     `fibers`; nil to have each.
  ///   - progress: told after each fiber.
  /// - Throws: `EncodingError` if a number has no JSON form, which none has.
  public func write<Output: ByteOutput>(
    to output: Output, groups: StackComparison? = nil, progress: (DumpProgress) -> Void = { _ in }
  ) throws -> Output {
    var json = JSONStream(output)
    json.beginObject(lines: true)
    try json.member("version", Self.version)
    try json.member("process", ProcessJSON(dump))
    try writeList("problems", dump.problems.map(\.description), to: &json)
    try writeList("notes", dump.notes.map(\.description), to: &json)
    try writeList("modules", dump.modules.map(ModuleJSON.init), to: &json)
    try writeList(
      "registries", dump.registries.map { RegistryJSON(module: $0.modulePath, runtime: $0.runtime) }, to: &json)
    var frames = FrameJSON(detail: detail)
    if let groups {
      try writeGroups(by: groups, to: &json, frames: &frames)
    } else {
      try writeStacks(to: &json, frames: &frames, progress: progress)
    }
    json.endObject()
    return json.finish()
  }

  private func writeList(
    _ name: String, _ values: [some Encodable], to json: inout JSONStream<some ByteOutput>
  ) throws {
    json.key(name)
    json.beginArray(lines: true)
    for value in values { try json.value(value) }
    json.endArray()
  }

  private func writeStacks(
    to json: inout JSONStream<some ByteOutput>, frames: inout FrameJSON, progress: (DumpProgress) -> Void
  ) throws {
    json.key("threads")
    json.beginArray(lines: true)
    for thread in dump.threads {
      json.beginObject()
      try json.members(of: ThreadJSON(thread))
      try frames.write(thread.trace, to: &json)
      json.endObject()
    }
    json.endArray()

    let total = dump.registries.reduce(0) { $0 + $1.fibers.count }
    var done = 0
    json.key("fibers")
    json.beginArray(lines: true)
    for fiber in dump.fibers {
      json.beginObject()
      try json.members(of: FiberJSON(fiber))
      if let creation = fiber.creation { try frames.write(creation: creation, to: &json) }
      try frames.write(fiber.trace, to: &json)
      json.endObject()
      done += 1
      progress(DumpProgress(phase: .writing, done: done, total: total))
    }
    json.endArray()
  }

  private func writeGroups(
    by comparison: StackComparison, to json: inout JSONStream<some ByteOutput>, frames: inout FrameJSON
  ) throws {
    json.key("threadGroups")
    json.beginArray(lines: true)
    for group in dump.threadGroups(by: comparison) {
      json.beginObject()
      try json.members(of: ThreadGroupJSON(group))
      try frames.write(group.first.trace, to: &json)
      json.endObject()
    }
    json.endArray()
    json.key("fiberGroups")
    json.beginArray(lines: true)
    for group in dump.fiberGroups(by: comparison) {
      json.beginObject()
      try json.members(of: FiberGroupJSON(group))
      try frames.write(group.first.trace, to: &json)
      json.endObject()
    }
    json.endArray()
  }
}
