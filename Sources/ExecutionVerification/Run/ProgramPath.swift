internal import FiberInspection
internal import Glibc

/// Where a program is that somebody names.
enum ProgramPath {
  /// As a shell finds it: a name with a slash is a path, another is looked for in PATH.
  ///
  /// - Throws: that there is none.
  static func find(_ name: String) throws(InspectionError) -> String {
    if name.contains("/") { return name }
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
      let candidate = directory.isEmpty ? name : "\(directory)/\(name)"
      if unsafe access(candidate, X_OK) == 0, isRegular(candidate) { return candidate }
    }
    throw InspectionError(.notFound, place: name, "there is no such program in PATH: give its path")
  }

  private static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Why `execve` refuses a file.
  static func failure(_ path: String, error: Int32) -> InspectionError {
    switch error {
    case ENOENT where unsafe access(path, F_OK) == 0:
      InspectionError(
        .notFound, place: path, "the interpreter that it names is not there: see its line #!, or readelf -l")
    case ENOENT: InspectionError(.notFound, place: path, "there is no such program")
    case EACCES: InspectionError(.notPermitted, place: path, "it is not executable: is it a program of mode +x?")
    case ENOEXEC: InspectionError(.notAProgram, place: path, "it is no program: a script needs a line #! at its start")
    default: InspectionError(.system, place: path, "it cannot be executed: \(unsafe String(cString: strerror(error)))")
    }
  }
}
