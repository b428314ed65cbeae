internal import Glibc

/// How many files of modules may be open, so that descriptors are left for all else.
struct DescriptorLimit {
  /// RLIMIT_NOFILE: descriptors are below it.
  let files: Int
  /// Files of modules have descriptors below this one: libdw needs a second for each, and /proc a few.
  var modules: Int { max(0, (files - 32) / 2) }

  /// The calling process's limit now.
  init() {
    var limit = rlimit()
    let result = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    files = result == 0 ? Int(clamping: limit.rlim_cur) : 0
  }

  /// The file, unless it is one too many: the lowest free number is given out, so it tells how many there are.
  func admit(_ file: ModuleFile, path: String) -> ModuleFile {
    guard case .opened(let opened, _) = file, opened.descriptor >= modules else { return file }
    return .failed(refusal(of: path))
  }

  /// Why `path` is not open, and what to do.
  func refusal(of path: String) -> String {
    "\(path) is one file too many: this process may have \(files) open. Raise the limit (ulimit -n)"
  }
}
