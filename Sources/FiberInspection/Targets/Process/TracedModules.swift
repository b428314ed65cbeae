/// The modules of a process that this program traces, found again whenever its mappings have changed. A file is opened once.
package final class TracedModules {
  private let files: ProcessFiles
  private let process: Int32
  private var known: [Mapping] = []

  /// Where code lies that the process does not write, ascending, as of the last look.
  package var code: [Range<UInt64>] { known.filter { !$0.isWritable }.map(\.range) }

  /// - Parameter thread: one of the process that lives.
  package init(process: Int32, thread: Int32) {
    self.process = process
    files = ProcessFiles(ProcessTarget(traced: process, thread: thread))
  }

  /// The modules now, with what is wrong with them; nil if no mapping of code has changed since the last time, or the process is gone.
  ///
  /// - Parameter thread: one of the process that lives.
  package func changed(thread: Int32) -> (modules: [Module], problems: [Problem])? {
    guard let maps = try? ProcessMaps(thread: thread) else { return nil }
    let code = maps.mappings.filter(\.isExecutable)
    if code == known { return nil }
    known = code
    let found = files.modules(in: maps)
    return (found.modules.map(\.module), found.problems)
  }
}
