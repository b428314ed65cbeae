internal import Glibc

extension DebuggerStub {
  /// Serves the core at `path`.
  ///
  /// - Parameters:
  ///   - executable: the program that made it, if it is not where the core says.
  ///   - sysroot: a directory to put before the paths of other files.
  /// - Throws: why it cannot be served. What could not be read in part is in `problems`.
  package init(core path: String, executable: String? = nil, sysroot: String? = nil) throws(InspectionError) {
    try Snapshot.requireFiles(executable: executable, sysroot: sysroot)
    let core = try CoreFile(path: path)
    let snapshot = Snapshot.load(core, CoreNotes(core), executable: executable, sysroot: sysroot).snapshot
    try self.init(
      snapshot, registerNotes: CoreThreadNotes(core), root: sysroot ?? "", origin: .core(path: path))
  }

  /// Serves a live process as it is now: its memory is copied to a file without a name, and it runs on.
  ///
  /// - Parameters:
  ///   - processID: its id, or that of one of its threads.
  ///   - directory: where the file is; it takes as much room as the process has memory that it has written.
  ///   - progress: called now and then meanwhile, also from another thread, the caller's waiting.
  /// - Throws: why it cannot be served. What could not be read in part is in `problems`.
  package init(
    processID: Int32, directory: String, progress: @escaping () -> Void
  ) throws(InspectionError) {
    let target = try ProcessTarget(processID)
    let file = try OpenFile.unnamed(in: directory)
    let output = CoreOutput(
      file,
      remedy: "no room for the copy of the process. Name another directory by TMPDIR, or raise the limit (ulimit -f)")
    let summary = try FiberCore.write(processID: processID, to: output, contents: .memory) { _ in progress() }
    progress()
    let size: UInt64
    do throws(SystemError) {
      size = try file.status().size
    } catch {
      throw InspectionError(.system, place: directory, "the copy of \(target.place) is not readable: \(error.text)")
    }
    let core = try CoreFile(PagedFile(file, size: size), path: target.place)
    var (snapshot, _) = Snapshot.load(
      core, CoreNotes(core), executable: "/proc/\(target.thread)/exe", sysroot: "/proc/\(target.thread)/root")
    progress()
    snapshot.problems = summary.problems + snapshot.problems.filter { !summary.problems.contains($0) }
    snapshot.notes = target.notes + snapshot.notes
    // A core has no names of threads.
    for index in snapshot.threads.indices {
      let name = try? ProcFile.name(ofThread: snapshot.threads[index].id, of: target.process)
      snapshot.threads[index].name = name == target.name ? nil : name
    }
    try self.init(
      snapshot, registerNotes: CoreThreadNotes(core), root: "/proc/\(target.thread)/root",
      origin: .process(target.process))
  }
}

extension OpenFile {
  /// A new file that has no name and is gone with its descriptor; its owner alone may read it.
  static func unnamed(in directory: String) throws(InspectionError) -> OpenFile {
    let name = unsafe strdup("\(directory)/fibertrace.XXXXXX")
    defer { unsafe free(name) }
    guard let name = unsafe name else {
      throw InspectionError(.system, place: directory, SystemError(number: ENOMEM).text)
    }
    let descriptor = unsafe mkstemp(name)
    guard descriptor >= 0 else {
      throw InspectionError(
        .notWritten, place: directory,
        "no file can be made there for the copy of the process: \(SystemError(number: errno).text) "
          + "(name another directory by TMPDIR)")
    }
    unsafe _ = unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return OpenFile(descriptor: descriptor, path: directory)
  }
}
