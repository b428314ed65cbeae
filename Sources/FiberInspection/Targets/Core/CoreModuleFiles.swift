/// Where the files of a core's modules are looked for.
struct CoreModuleFiles {
  /// Path of the program as the core has it, nil if the core does not say.
  let programPath: String?
  /// Given by the caller instead of that.
  let executable: String?
  /// Put before every path of the core.
  let sysroot: String?
  private let descriptors = DescriptorLimit()

  init(programPath: String?, executable: String?, sysroot: String?) {
    self.programPath = programPath
    self.executable = executable
    self.sysroot = sysroot
  }

  /// The file of the module whose first mapping this is.
  func open(_ mapping: Mapping) -> ModuleFile {
    let isProgram = mapping.path == programPath
    let path: String
    if isProgram, let executable {
      path = executable
    } else {
      path = (sysroot ?? "") + mapping.path
    }
    do {
      guard try FileStatus(path: path).kind == .regular else { return .failed("\(path) is not a regular file") }
      return descriptors.admit(.opened(try OpenFile.open(path), isMapped: false), path: path)
    } catch {
      let advice =
        isProgram
        ? "give the program that made the core by --executable"
        : "give the directory that holds the files of the machine it was made on by --sysroot"
      return .failed("\(path) cannot be opened: \(error.text): \(advice)")
    }
  }
}
