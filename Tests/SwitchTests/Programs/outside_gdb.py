"""Steps a program through every instruction of the switch in gdb and prints what gdb makes of each boundary.

    gdb -nx -batch -x outside_gdb.py --args PROGRAM ARGUMENT...

Lines, fields separated by tabs, in order of execution:
    S  FUNCTION+OFFSET  truth_here  truth_there  FRAMES     before each instruction of the functions below, of ft_suspend wherever
                                                            it is inlined, and behind that
    O  observe  truth_here  FRAMES                          at each call of `observe`, from the text of `bt`
    F  fiber N  its truth  FRAMES                           there, for each fiber that does not run, also from `bt`
    V  WHERE  FUNCTION  VARIABLE  truth  VALUE              at each S and O, for each variable in `truth_variables`, if the
                                                            program has that, in each frame of its function
    E  exit status

FRAMES are names of functions, innermost first, separated by commas. Physical frames only: ft_resume and ft_suspend are
inlined into their callers. The first frame outside the program's own file stands for all further ones, by the name
of its file. VALUE is a number, or what gdb says instead.
"""

import re

import gdb

STEPPED = (
    "ft_fiber_init",
    "ft_fiber_resume",
    "ft_fiber_suspend",
    "ft_fiber_suspend_called",
    "ft_fiber_resume_c",
    "ft_fiber_suspend_c",
    "ft_fiber_start",
    "ft_shadow_stack_enabled",
)
# What the C compiler inlines between a function of the program and the switch; names in the text of `bt` only.
INLINED = ("ft_resume", "ft_suspend", "resume", "suspend", "suspend_innermost", "observe_here")
# lea 10(%rip), %rcx; mov %rcx, -8(%rsp); jmp: the assembly of ft_suspend, and where its instructions begin and end.
SUSPEND_CODE = bytes.fromhex("488d0d0a00000048894c24f8e9")
SUSPEND_OFFSETS = (0, 7, 12, 17)
MOST_FRAMES = 100


def instructions(name):
    """(address, offset in the function, text) of each instruction."""
    listing = gdb.execute("disassemble " + name, to_string=True)
    for match in re.finditer(r"^(?:=>)?\s*0x(\w+) <\+(\d+)>:\s*(.*)$", listing, re.MULTILINE):
        yield int(match[1], 16), int(match[2]), match[3]


def inlined_suspends():
    """The addresses of ft_suspend's assembly in the program's own code."""
    section = re.search(r"0x(\w+) - 0x(\w+) is \.text$", gdb.execute("info files", to_string=True), re.MULTILINE)
    low, high = int(section[1], 16), int(section[2], 16)
    process = gdb.selected_inferior()
    found = process.search_memory(low, high - low, SUSPEND_CODE)
    while found is not None:
        yield found
        low = found + 1
        found = process.search_memory(low, high - low, SUSPEND_CODE)


def text_of(expression):
    return gdb.parse_and_eval(expression).string()


def pc():
    return int(gdb.parse_and_eval("(unsigned long)$pc"))


def frame_list():
    """The chain of gdb's frame objects."""
    names = []
    frame = gdb.newest_frame()
    while frame is not None and len(names) < MOST_FRAMES:
        if frame.type() != gdb.INLINE_FRAME:
            file = gdb.solib_name(frame.pc())
            if file is not None:
                names.append(file.rpartition("/")[2])
                break
            names.append(frame.name() or "?")
        older = frame.older()
        if older is None and frame.unwind_stop_reason() not in (gdb.FRAME_UNWIND_NO_REASON, gdb.FRAME_UNWIND_OUTERMOST):
            names.append(gdb.frame_stop_reason_string(frame.unwind_stop_reason()))
        frame = older
    return ",".join(names)


def backtrace():
    """What `bt` prints, as a list of the same form; whatever is not a frame line stands in it as it is."""
    names = []
    for line in gdb.execute("bt -frame-arguments none %d" % MOST_FRAMES, to_string=True).splitlines():
        frame = re.match(r"#\d+ +(?:0x(\w+) in )?(?:(<signal handler called>)|(\S+) \()", line)
        file = frame and frame[1] and gdb.solib_name(int(frame[1], 16))
        if frame is None:
            names.append(line)
        elif file:
            names.append(file.rpartition("/")[2])
            break
        elif frame[2]:
            # gdb's words for every frame that its CFI marks "S"; the program has one such function.
            names.append("ft_fiber_start")
        elif frame[3] not in INLINED:
            names.append(frame[3])
    return ",".join(names)


class Registers:
    """Shows a fiber that does not run to gdb as the current frame, and takes it back."""

    def __init__(self, record):
        self.values = [("$sp", record + "->sp"), ("$rbp", record + "->sp"), ("$pc", "ft_fiber_registry.suspended_pc")]

    def set(self, values):
        for register, value in values:
            gdb.execute("set var %s = %s" % (register, value))

    def __enter__(self):
        self.saved = [(name, "%d" % int(gdb.parse_and_eval("(unsigned long)" + name))) for name, _ in self.values]
        self.set(self.values)

    def __exit__(self, *_):
        self.set(self.saved)


class Stepper:
    def __init__(self):
        self.where = {}
        for name in STEPPED:
            for address, offset, text in instructions(name):
                self.where[address] = "%s+%d" % (name, offset)
                if offset == 0:
                    gdb.Breakpoint("*%#x" % address, internal=True)
                elif name == "ft_fiber_start" and re.match(r"call\s+\*", self.before):
                    gdb.Breakpoint("*%#x" % address, internal=True)  # entered from the body, by its `ret`
                self.before = text
        for address in inlined_suspends():
            if address in self.where:
                continue  # ft_fiber_start does the same
            for offset in SUSPEND_OFFSETS:
                self.where[address + offset] = "ft_suspend+%d" % offset
            gdb.Breakpoint("*%#x" % address, internal=True)
        self.observe = int(gdb.parse_and_eval("(unsigned long)&observe"))
        gdb.Breakpoint("*%#x" % self.observe, internal=True)
        self.fibers = self.size_of("observed_truth")
        self.variables = self.size_of("truth_variables")

    @staticmethod
    def size_of(array):
        if gdb.lookup_global_symbol(array) is None:
            return 0
        return int(gdb.parse_and_eval("sizeof(%s) / sizeof(*%s)" % (array, array)))

    def show_observation(self):
        print("O", "observe", text_of("truth_here"), backtrace(), sep="\t")
        for index in range(self.fibers):
            truth = text_of("observed_truth[%d]" % index)
            if truth:
                with Registers("observed_record[%d]" % index):
                    print("F", "fiber %d" % index, truth, backtrace(), sep="\t")

    def show_variables(self, where):
        truth = {}
        for index in range(self.variables):
            entry = gdb.parse_and_eval("truth_variables[%d]" % index)
            key = (entry["function"].string(), entry["name"].string())
            if int(entry["is_set"]):
                truth[key] = int(entry["value"])
        frame = gdb.newest_frame()
        while frame is not None:
            for (function, name), value in truth.items():
                if frame.name() == function:
                    try:
                        read = frame.read_var(name)
                        shown = "<optimized out>" if read.is_optimized_out else str(int(read))
                    except gdb.error as error:
                        shown = str(error)
                    print("V", where, function, name, value, shown, sep="\t")
            frame = frame.older()

    def run(self):
        status = []
        gdb.events.exited.connect(lambda event: status.append(getattr(event, "exit_code", "signal")))
        gdb.execute("continue", to_string=True)
        while not status:
            place = pc()
            where = self.where.get(place)
            if where is not None:
                print("S", where, text_of("truth_here"), text_of("truth_there"), frame_list(), sep="\t")
                # Inside an assembly statement the compiler's account of its own variables does not hold, and gcc's not behind it:
                # to gcc a variable with a register of its own is there for ever.
                if where not in ("ft_suspend+7", "ft_suspend+12", "ft_suspend+17"):
                    self.show_variables(where)
                gdb.execute("stepi", to_string=True)
                continue
            if place == self.observe:
                self.show_observation()
                self.show_variables("observe")
            gdb.execute("continue", to_string=True)
        print("E", status[0], sep="\t")


for setting in ("pagination off", "confirm off", "debuginfod enabled off", "width 0", "backtrace past-main on"):
    gdb.execute("set " + setting)
# Relocated and with its libraries, but before any of its own code.
gdb.execute("break main", to_string=True)
gdb.execute("run", to_string=True)
gdb.execute("delete", to_string=True)
Stepper().run()
