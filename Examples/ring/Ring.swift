internal import FiberTrace
internal import Glibc

/// What goes round.
struct Token {
  /// The round it is in, from 1.
  var round = 0
  /// How often it has been passed.
  var passes = 0
}

typealias Starter = Fiber<Void, Never, Token>
typealias Passer = Fiber<Token, Token, Never>
typealias Reporter = Fiber<Token, Never, Void>

@inline(never)
func makeStarter() throws -> Starter {
  try Starter(name: "starter") { _, _ in Token() }
}

@inline(never)
func makePasser(number: Int, _ options: Options) throws -> Passer {
  try Passer(name: "passer \(number)") { suspend, token in
    try passAlong(token, suspend, number: number, options)
  }
}

@inline(never)
func makeReporter() throws -> Reporter {
  try Reporter(name: "reporter") { _, token in
    print("ring: the token was passed \(token.passes) times in \(token.round) rounds")
  }
}

@inline(never)
func start(_ starter: Starter) throws -> Token {
  switch try starter.resume() {
  case .returned(let token): token
  }
}

@inline(never)
func pass(_ token: Token, to passer: Passer) throws -> Token {
  switch try passer.resume(token) {
  case .yielded(let token): token
  }
}

@inline(never)
func report(_ token: Token, to reporter: Reporter) throws {
  _ = try reporter.resume(token)
}

/// The body of a passer: takes the token, hands it on, waits for it to come round.
@inline(never)
func passAlong(_ first: Token, _ suspend: Passer.Suspend, number: Int, _ options: Options) throws -> Never {
  var token = first
  while true {
    token.passes += 1
    if options.pauses, token.round == options.rounds, number == options.pausingFiber {
      standWithToken(token, number: number)
    }
    token = try suspend(token, waiting: "waiting for the token")
  }
}

@inline(never)
func standWithToken(_ token: Token, number: Int) -> Never {
  print(
    "ring: pid \(getpid()) stands with the token at passer \(number) in round \(token.round); Ctrl-C ends it")
  sleepUntilKilled()
}

@inline(never)
func sleepUntilKilled() -> Never {
  fflush(nil)
  while true { pause() }
}
