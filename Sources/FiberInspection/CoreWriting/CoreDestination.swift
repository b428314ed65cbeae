internal import CProcess
internal import Glibc

/// Where a core is to be: a file of another name beside it until it is complete, so that what is there before stays
/// whole until then and nobody ever sees a part of a core under its name.
@safe public final class CoreDestination {
  /// The path that was asked for, links followed.
  public let path: String
  /// The file to write to.
  public let file: OpenFile
  /// Its name, which the handler of signals reads.
  @unsafe private let temporary: UnsafeMutablePointer<CChar>
  /// The file does not exist, or has the name it was to get.
  private var isDone = true

  /// Makes the file beside `path`, readable by its owner alone as the kernel's cores are. From here on SIGHUP, SIGINT,
  /// SIGTERM and SIGPIPE remove it before they end the program; only one destination at a time.
  ///
  /// - Throws: why no file can be there: no such directory, a directory of that name, no permission.
  public init(path: String) throws(InspectionError) {
    self.path = try Self.resolved(path)
    unsafe temporary = strdup("\(self.path).XXXXXX")
    let descriptor = unsafe ft_make_removable(temporary)
    guard descriptor >= 0 else {
      unsafe free(temporary)
      throw CoreOutput.failure(-descriptor, path: path)
    }
    isDone = false
    file = OpenFile(descriptor: descriptor, path: path)
  }

  /// Puts the file under its name, in the place of what was there.
  public func commit() throws(InspectionError) {
    guard unsafe rename(temporary, path) == 0 else { throw CoreOutput.failure(errno, path: path) }
    isDone = true
  }

  deinit {
    // Nobody is there to be told that a part of a core cannot be removed.
    if !isDone { unsafe _ = unlink(temporary) }
    ft_keep_on_signal()
    unsafe free(temporary)
  }

  /// The file that `path` leads to. A device or a FIFO in its place would be replaced by a file.
  private static func resolved(_ path: String) throws(InspectionError) -> String {
    var real = path
    if let found = unsafe realpath(path, nil) {
      real = unsafe String(cString: found)
      unsafe free(found)
    }
    do {
      switch try FileStatus(path: real).kind {
      case .regular: return real
      case .directory:
        let inside = path.hasSuffix("/") ? "\(path)core" : "\(path)/core"
        throw InspectionError(.notWritten, place: path, "a directory: name a file in it, such as \(inside)")
      case .fifo, .other:
        throw InspectionError(.notWritten, place: path, "not a regular file: a core has holes, write it to disk")
      }
    } catch let error as InspectionError {
      throw error
    } catch let error as SystemError {
      if error.number == ENOENT { return real }
      throw CoreOutput.failure(error.number, path: path)
    } catch {
      throw InspectionError(.notWritten, place: path, "not writable: \(error)")
    }
  }
}
