import Base
import Glibc
import Lambda

/// The function of AWS Lambda behind API Gateway, or behind an address of its own: the routes of `ridley serve`.
struct FunctionAPICommand: Command {
  let path = ["function", "api"]
  let summary = "Be the function of AWS Lambda that answers what 'ridley serve' does, behind API Gateway"
  let positionals: [Positional] = []
  let options: [Option] = [
    LibraryPlace.option,
    .value("models", "DIR", "as of 'ridley serve'"), .value("pipelines", "DIR", "as of 'ridley serve'"),
    .value("config", "FILE", "as of 'ridley serve'"),
    .value("keys", "FILE", "as of 'ridley serve'; without keys, here or in the library, nothing is answered"),
    .value("memory", "SIZE", "memory of the function (default what Lambda says)"),
    .value("listen", "HOST:PORT", "where the server listens on this machine (default \(Self.usualPlace))"),
  ]
  let examples = ["ridley function api --models /models --pipelines /pipelines"]

  private static let usualPlace = "127.0.0.1:8081"

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    signal(SIGPIPE, SIG_IGN)
    let interface = try FunctionPlace.interface()
    Interrupt.watch()
    Terminal.writesJSON()
    // A first key would be told in a log that others read.
    setenv("RIDLEY_FIRST_KEY", "", 1)
    let listen = arguments["listen"] ?? Self.usualPlace
    let function: APIFunction
    do throws(Fault) {
      let memory = try FunctionPlace.limits(arguments).processBytes
      function = try APIFunction(listen, Self.words(arguments, listen), memory: memory)
      try function.begin()
    } catch {
      try? interface.failStart(FunctionFailure(.wrongSetup, error.message))
      throw error
    }
    try FunctionLoop(interface: interface).run(function.answer)
    return .success
  }

  /// Workers and looks for new models would be frozen between invocations; who the client is says the gateway, which is trusted only where
  /// there are keys, so that no server answers everybody.
  private static func words(_ arguments: Arguments, _ listen: String) -> [String] {
    var words = ["--listen", listen, "--workers", "0", "--poll", "off", "--trusted-proxy", "127.0.0.1"]
    for name in ["library", "models", "pipelines", "config", "keys"] {
      if let value = arguments[name] { words += ["--\(name)", value] }
    }
    return words
  }
}
