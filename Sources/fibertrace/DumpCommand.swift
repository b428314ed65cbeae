internal import ArgumentParser
internal import FiberInspection
internal import Glibc

/// `fibertrace dump`.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Prints every thread and every fiber of a process or a core, each with its trace.",
    discussion: """
      The process is stopped only while its stacks are copied; it runs on before anything is printed, and the first \
      line says how long it stood. The trace of a running fiber goes on with that of the fiber or thread that resumed \
      it, after a line with "resumed by". Several frames of the fiber runtime in a row are one line.

      Examples:
        fibertrace dump 4711
        fibertrace dump 4711 --group                     identical stacks once
        fibertrace dump 4711 --group -n 3                who waits where, by the innermost 3 frames
        fibertrace dump 4711 --state suspended,running   some fibers, and no threads
        fibertrace dump 4711 --id 7 --all-frames
        fibertrace dump 4711 --json | jq '.fibers[].state'
        fibertrace dump 4711 --folded | flamegraph.pl
        fibertrace dump core.4711
        fibertrace dump ./4711                           a core of that name
        fibertrace dump core --executable build/server   a program that moved
        fibertrace dump core --sysroot /srv/image        another machine's core

      Exit codes: 0 complete (also without any fiber), 1 something could not be read (standard error says what; all \
      else is printed), 2 no such process or no readable x86-64 core, 3 not permitted, 64 wrong usage.
      """)

  @OptionGroup(title: "What to show")
  var what: SelectionOptions

  @OptionGroup(title: "How to show it")
  var format: FormatOptions

  @OptionGroup
  var source: TargetOptions

  func run() throws {
    // Patterns of names go by the caller's characters.
    _ = unsafe setlocale(LC_CTYPE, "")
    let start = ContinuousClock.now
    let walking = ProgressLine(since: start)
    let dump: Dump
    do {
      dump = Dump(
        of: try read(), frameLimit: format.frameLimit, selection: what.selection, progress: walking.show)
    } catch {
      StandardError.write(error.description)
      throw CommandExit.code(for: error)
    }
    walking.erase()

    StandardError.write(dump.problems, othersIn: "the dump")
    if dump.brokenStacks > 0 {
      let count = dump.brokenStacks == 1 ? "1 stack" : "\(dump.brokenStacks) stacks"
      StandardError.write("\(count) could not be walked to the end; the dump says where and why")
    }
    try write(dump, since: start)
    guard dump.isComplete else { throw ExitCode(CommandExit.incomplete) }
  }

  private func read() throws(InspectionError) -> Snapshot {
    try source.read(
      process: { id throws(InspectionError) in try Snapshot.capture(processID: id) },
      core: { path throws(InspectionError) in
        try Snapshot.load(core: path, executable: source.executable, sysroot: source.sysroot)
      })
  }

  private func write(_ dump: Dump, since start: ContinuousClock.Instant) throws {
    var output = StandardOutput()
    // A line on a terminal would stand among those of the dump.
    let writing = ProgressLine(since: start, isWanted: isatty(STDOUT_FILENO) == 0)
    if format.json {
      output = try JSONReport(dump, detail: format.detail)
        .write(to: output, groups: format.groups, progress: writing.show)
    } else if format.folded {
      FoldedReport(dump, detail: format.detail).write(to: &output)
    } else {
      // On a terminal the problems stand right above.
      let listsProblems = !(isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
      let report = TextReport(
        dump, style: .ofStandardOutput(color: format.color ?? .auto), detail: format.detail,
        listsProblems: listsProblems)
      if let groups = format.groups {
        report.writeGroups(to: &output, by: groups)
      } else {
        report.write(to: &output, progress: writing.show)
      }
    }
    writing.erase()
    try output.flush()
  }
}
