import Foundation
import Testing

/// Runs `thread` to its end.
func join(_ thread: Thread) throws {
  thread.start()
  // No condition of Foundation's threads tells of the end, and a test is in no hurry.
  while !thread.isFinished { usleep(1000) }
}
