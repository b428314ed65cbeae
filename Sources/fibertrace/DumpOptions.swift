internal import ArgumentParser
internal import FiberInspection

/// What of a process `dump` shows.
struct SelectionOptions: ParsableArguments {
  @Flag(help: "Show fibers only.")
  var fibers = false

  @Flag(help: "Show threads only.")
  var threads = false

  @Option(
    name: .customLong("state"),
    help: ArgumentHelp(
      "Fibers in these states: \(StateOption.words). Repeat it, or separate them by commas.", valueName: "state"),
    transform: StateOption.init)
  var states: [StateOption] = []

  @Option(
    name: .customLong("id"),
    help: ArgumentHelp(
      "Fibers with these ids, as 7 or 3-9, separated by commas; 7@RUNTIME where the dump says #7@RUNTIME.",
      valueName: "ids"),
    transform: IDOption.init)
  var ids: [IDOption] = []

  @Option(
    name: .customLong("name"),
    help: ArgumentHelp(
      "Fibers whose whole name matches: * is any text, ? a character, [a-z] one of them.", valueName: "pattern"))
  var names: [String] = []

  func validate() throws {
    if isFiltered, threads, !fibers {
      throw ValidationError("--state, --id and --name choose fibers, and --threads shows none: leave one of them out")
    }
  }

  private var isFiltered: Bool { !(states.isEmpty && ids.isEmpty && names.isEmpty) }

  /// The selection: both sections unless one is named; fibers alone where some are chosen.
  var selection: DumpSelection {
    var selection = DumpSelection()
    selection.showsFibers = fibers || !threads
    selection.showsThreads = threads || !fibers && !isFiltered
    selection.states = Set(states.flatMap(\.kinds))
    selection.ids = ids.flatMap(\.ids)
    selection.names = names
    return selection
  }
}

/// What of each frame `dump` shows, and how.
struct FormatOptions: ParsableArguments {
  @Flag(
    help: """
      Print identical stacks once, with how many and which fibers have them; the largest group first. With -n, stacks \
      whose printed frames are identical.
      """)
  var group = false

  @Flag(help: "Print one JSON document (Docs/dump-json.md), with --group one of groups.")
  var json = false

  @Flag(help: "Print one line for each distinct stack, as flame graphs want it: frame;frame;frame count.")
  var folded = false

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp(
      """
      The most frames to print of a stack; deeper ones lose their middle. Those of the fiber runtime that a stack begins \
      with come on top, unless --all-frames counts them. (default: \(FrameLimit().frames))
      """,
      valueName: "count"))
  var frames: Int?

  @Flag(help: "Print every frame of the fiber runtime, not one line for several in a row.")
  var allFrames = false

  @Flag(help: "Leave out functions that were inlined.")
  var noInlines = false

  @Flag(help: "Leave out source files and lines.")
  var noSource = false

  @Option(
    help: ArgumentHelp(
      "Colour in text: auto (on a terminal, unless NO_COLOR is set), always or never.", valueName: "when"))
  var color: ColorOption?

  func validate() throws {
    guard frames.map({ $0 > 0 }) ?? true else { throw ValidationError("--frames must be at least 1") }
    if json, folded { throw ValidationError("--json and --folded are two forms of output: leave one of them out") }
    if group, folded { throw ValidationError("--folded counts identical stacks already: leave --group out") }
    if color != nil, json || folded {
      throw ValidationError("--color is for text, which --json and --folded are not: leave it out")
    }
    if allFrames, json { throw ValidationError("--json has all frames: leave --all-frames out") }
    if noSource, folded { throw ValidationError("--folded has no source lines: leave --no-source out") }
  }

  var frameLimit: FrameLimit {
    FrameLimit(frames ?? FrameLimit().frames, countsRuntime: allFrames)
  }

  /// Which stacks are told once; nil to tell each. Whoever asks for so many frames asks who has these.
  var groups: StackComparison? {
    guard group else { return nil }
    return frames == nil ? .whole : .shown
  }

  var detail: ReportDetail {
    ReportDetail(showsInlined: !noInlines, showsSource: !noSource, showsRuntime: allFrames)
  }
}

/// When text is coloured.
enum ColorOption: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

/// States as --state has them: as the dump prints them, or with "-" for a space, separated by commas.
struct StateOption {
  let kinds: [FiberState.Kind]

  static var words: String {
    FiberState.Kind.allCases.map(\.optionWord).joined(separator: ", ")
  }

  /// - Throws: `ValidationError` with the states that there are.
  init(_ argument: String) throws {
    kinds = try argument.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let name = word.split(separator: "-", omittingEmptySubsequences: false).joined(separator: " ")
      guard let kind = FiberState.Kind(rawValue: name) else {
        throw ValidationError("no fiber is ever '\(word)': a state is one of \(Self.words)")
      }
      return kind
    }
  }
}

/// Ids as --id has them, separated by commas.
struct IDOption {
  let ids: [FiberIDs]

  /// - Throws: `ValidationError` with the form that ids have.
  init(_ argument: String) throws {
    ids = try argument.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let ids = FiberIDs(part) else {
        throw ValidationError("'\(part)' is no id of a fiber, which is a number, a range as 3-9, or 7@RUNTIME")
      }
      return ids
    }
  }
}
