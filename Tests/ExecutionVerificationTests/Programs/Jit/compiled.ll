; Run by lli: prints the addresses of its two functions, then "ready", and waits.
target triple = "x86_64-pc-linux-gnu"

@addresses = private constant [7 x i8] c"%p %p\0A\00"
@ready = private constant [6 x i8] c"ready\00"

declare i32 @printf(ptr, ...)
declare i32 @puts(ptr)
declare i32 @fflush(ptr)
declare i32 @pause()

define i64 @inner(i64 %count) uwtable noinline {
  %bytes = alloca i8, i64 %count
  %word = ptrtoint ptr %bytes to i64
  %written = call i32 @puts(ptr @ready)
  %flushed = call i32 @fflush(ptr null)
  %paused = call i32 @pause()
  ret i64 %word
}

define i32 @main() uwtable {
  %written = call i32 (ptr, ...) @printf(ptr @addresses, ptr @inner, ptr @main)
  %result = call i64 @inner(i64 64)
  %code = trunc i64 %result to i32
  ret i32 %code
}
