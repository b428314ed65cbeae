/// What gdb does for a whole run: it connects to the line, and then answers requests that come by its descriptor 3, a line each.
///
///     add PATH BIAS           ok            reads the call frame information of a module
///     remove ADDRESS          ok            forgets that of the module at an address
///     walk LIMIT              FRAMES|WHY    frames as PC:RSP, innermost first, and why there are no more
///
/// Whatever fails answers "failed" and why. Frames are physical ones: inlined calls and tail calls, which gdb shows from debug
/// information, are in no other unwinder's list.
enum GdbScript {
  static let text = #"""
    import gdb, socket
    channel = socket.socket(fileno=3).makefile("rw")
    def say(text):
        channel.write(" ".join(str(text).split()) + "\n")
        channel.flush()
    def walk(limit):
        gdb.execute("maintenance flush register-cache", to_string=True)
        gdb.execute("maintenance flush dcache", to_string=True)
        frames, why = [], ""
        try:
            frame = gdb.newest_frame()
            while frame is not None and len(frames) < limit:
                if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
                    try:
                        sp = "%x" % (int(frame.read_register("rsp")) & (1 << 64) - 1)
                    except gdb.error:
                        sp = "?"
                    frames.append("%x:%s" % (frame.pc(), sp))
                older = frame.older()
                if older is None:
                    reason = frame.unwind_stop_reason()
                    if reason not in (gdb.FRAME_UNWIND_NO_REASON, gdb.FRAME_UNWIND_OUTERMOST):
                        why = gdb.frame_stop_reason_string(reason)
                    else:
                        why = "outermost"
                frame = older
        except gdb.error as error:
            why = str(error)
        return " ".join(frames) + "|" + why
    def answer(words):
        if words[0] == "walk":
            return walk(int(words[1]))
        if words[0] == "add":
            gdb.execute("add-symbol-file %s -o %s" % (words[1], words[2]), to_string=True)
        else:
            gdb.execute("remove-symbol-file -a %s" % words[1], to_string=True)
        return "ok"
    try:
        for setting in ("pagination off", "confirm off", "width 0", "height 0", "debuginfod enabled off", "auto-load off",
                        "backtrace past-main on", "backtrace past-entry on", "backtrace limit unlimited",
                        "auto-solib-add off", "remotetimeout 60", "breakpoint always-inserted off", "style enabled off"):
            gdb.execute("set " + setting, to_string=True)
        gdb.execute("target remote " + LINE, to_string=True)
        say("ok")
    except gdb.error as error:
        say("failed " + str(error))
    for request in channel:
        try:
            say(answer(request.split()))
        except (gdb.error, RuntimeError, ValueError) as error:
            say("failed " + str(error))
    """#

  /// The argument of `-ex` that runs it: in one line, and without anything that gdb or Python could take for a quote.
  static func command(line: String) -> String {
    let script = "LINE = '\(line)'\n" + text
    let digits = script.utf8.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    return "python exec(bytes.fromhex('\(digits)').decode())"
  }
}
