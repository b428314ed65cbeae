internal import CallFrameInfo
internal import Glibc

/// A live process that can be inspected, as far as can be told before it is stopped.
struct ProcessTarget {
  /// Process id.
  let process: Int32
  /// A thread whose entries in /proc and whose memory stand for the process. The main thread, unless that has ended
  /// before the others: then its own show nothing.
  let thread: Int32
  /// Name of the main thread.
  let name: String
  let notes: [Problem]

  /// How messages call it.
  var place: String { "process \(process)" }

  /// The process with this id.
  ///
  /// - Throws: why it cannot be inspected.
  init(_ id: Int32) throws(InspectionError) {
    let place = "process \(id)"
    guard id > 0 else { throw InspectionError(.notFound, place: place, "there is no such process: ids are positive") }
    let status: ProcessStatus
    var main: ProcessStatus
    do {
      status = try ProcessStatus(thread: id)
      main = status.threadGroup == id ? status : try ProcessStatus(thread: status.threadGroup)
    } catch {
      if error.number == ENOENT || error.number == ESRCH {
        throw InspectionError(.notFound, place: place, "there is no such process")
      }
      throw InspectionError(.system, place: place, "/proc/\(id)/status is not readable: \(error.text)")
    }
    process = status.threadGroup
    name = (try? ProcFile.name(ofThread: process, of: process)) ?? main.name
    notes = process == id ? [] : [Problem("\(id) is a thread of process \(process), which is shown")]

    if process == getpid() {
      throw InspectionError(
        .ownProcess, place: place, "this is the process that asks, and it cannot stop itself: ask from another process")
    }
    if main.isKernelThread {
      throw InspectionError(.kernelThread, place: place, "\(main.name) is a thread of the kernel and has no fibers")
    }
    if main.isDead {
      guard let (thread, status) = Self.survivor(of: process) else {
        throw InspectionError(
          .zombie, place: place, "it has ended and is a zombie until its parent collects it: there is nothing to read")
      }
      self.thread = thread
      main = status
    } else {
      thread = process
    }
    if let error = Self.traced(process, by: main.tracer) { throw error }
    try requireArchitecture()
  }

  /// A process that this program traces already.
  init(traced process: Int32, thread: Int32) {
    self.process = process
    self.thread = thread
    name = (try? ProcFile.name(ofThread: process, of: process)) ?? ""
    notes = []
  }

  /// A thread that lives on after the main thread.
  private static func survivor(of process: Int32) -> (Int32, ProcessStatus)? {
    for thread in (try? ProcFile.numbers(in: "/proc/\(process)/task")) ?? [] {
      if let status = try? ProcessStatus(thread: thread), !status.isDead { return (thread, status) }
    }
    return nil
  }

  private static func traced(_ process: Int32, by tracer: Int32) -> InspectionError? {
    if tracer == 0 { return nil }
    let name = (try? ProcessStatus(thread: tracer)).map { " (\($0.name))" } ?? ""
    return InspectionError(
      .alreadyTraced, place: "process \(process)",
      "it is already traced by process \(tracer)\(name), and a process has one tracer: detach that first")
  }

  private func requireArchitecture() throws(InspectionError) {
    let path = "/proc/\(thread)/exe"
    do {
      _ = try ELFHeader(reading: FileBytes(try OpenFile.open(path)))
    } catch let error as ELFError {
      if error.code == .otherClass || error.code == .otherMachine {
        throw InspectionError(.otherArchitecture, place: place, "it runs \(error.text)")
      }
      // Whatever it is, the kernel runs it: its mappings will tell.
    } catch let error as SystemError {
      throw failure(error, reading: path)
    } catch {
      throw InspectionError(.system, place: place, "\(path): \(error)")
    }
  }

  /// What a failed system call on the process means.
  ///
  /// - Parameter tracer: who held it then, if that is known; it may have let go meanwhile.
  func failure(_ error: SystemError, reading what: String, tracer: Int32 = 0) -> InspectionError {
    if error.number == EPERM, let refusal = Self.traced(process, by: tracer) { return refusal }
    switch error.number {
    case ENOENT, ESRCH: return exited
    case EPERM, EACCES:
      guard let status = try? ProcessStatus(thread: thread), !status.isDead else { return exited }
      // A tracer may have taken some threads and not others.
      let threads = (try? ProcFile.numbers(in: "/proc/\(process)/task")) ?? []
      let tracer = threads.lazy.compactMap { try? ProcessStatus(thread: $0).tracer }.first { $0 != 0 }
      if let tracer, let error = Self.traced(process, by: tracer) { return error }
      guard let permission = try? Permission(process: process, status: status) else { return exited }
      return permission.error
    default: return InspectionError(.system, place: place, "\(what) is not readable: \(error.text)")
    }
  }

  /// It is gone.
  var exited: InspectionError { InspectionError(.exited, place: place, "it ended while it was read") }

  /// Its mappings now.
  func maps() throws(InspectionError) -> ProcessMaps {
    do {
      let maps = try ProcessMaps(thread: thread)
      if maps.mappings.isEmpty { throw exited }
      return maps
    } catch let error as SystemError {
      throw failure(error, reading: "/proc/\(thread)/maps")
    } catch let error as InspectionError {
      throw error
    } catch {
      throw InspectionError(.system, place: place, "/proc/\(thread)/maps: \(error)")
    }
  }
}
