import CallFrameInfo
import Foundation
import Synchronization

/// A file that is read where it is asked for; counts what is read.
final class OpenedFile: ByteSource, Sendable {
  let name: String
  private let state: Mutex<(handle: FileHandle, bytesRead: Int)>

  init(_ path: String) throws {
    name = path
    state = Mutex((try FileHandle(forReadingFrom: URL(filePath: path)), 0))
  }

  var bytesRead: Int { state.withLock { $0.bytesRead } }

  func bytes(at offset: UInt64, count: UInt64) -> [UInt8] {
    state.withLock { state in
      guard let end = try? state.handle.seekToEnd(), offset < end, (try? state.handle.seek(toOffset: offset)) != nil,
        let data = try? state.handle.read(upToCount: Int(min(count, end - offset)))
      else { return [] }
      state.bytesRead += data.count
      return [UInt8](data)
    }
  }
}
