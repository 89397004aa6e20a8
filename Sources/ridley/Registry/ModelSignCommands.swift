import Base
import Catalog
import Crypto
import Registry

/// Signs a version.
struct ModelSignCommand: Command {
  let path = ["model", "sign"]
  let summary = "Sign a version, so that servers that trust the key serve it"
  let positionals = [RegistryWords.model, RegistryWords.version]
  let options = [
    Option.value("key", "KEY.pem", "the private key (Ed25519, PEM): 'openssl genpkey -algorithm ed25519' makes one"),
    RegistryWords.by, RegistryWords.json, LibraryPlace.option,
  ]
  let examples = ["ridley model sign inspector 3 --key key.pem"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let file = arguments["key"] else { throw arguments.refusal("--key says which key signs") }
    let key = try RegistryWords.privateKey(file)
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.find(arguments.positionals[1], of: arguments.positionals[0])
    let signature = try registry.sign(version, with: key, by: RegistryWords.who(arguments))
    try Terminal.print(
      arguments.has("json")
        ? JSONText.line(signature.write)
        : "\(version.model) \(version.number) is signed by the key \(signature.key)\n")
    return .success
  }
}

/// Checks a signature.
struct ModelVerifySignatureCommand: Command {
  let path = ["model", "verify-signature"]
  let summary = "Say whether the owner of a key has signed a version"
  let positionals = [RegistryWords.model, RegistryWords.version]
  let options = [
    Option.value("trust", "PUBLIC.pem[,…]", "the public keys, of which one is enough (Ed25519, PEM)"),
    RegistryWords.json,
    LibraryPlace.option,
  ]
  let examples = ["ridley model verify-signature inspector 3 --trust public.pem"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let files = arguments["trust"] else { throw arguments.refusal("--trust says which keys are trusted") }
    let keys = try files.split(separator: ",").map(String.init).map { (file) throws(Fault) in
      try Ed25519.PublicKey(pem: try FileSystem.read(file, limit: 1 << 16), name: file)
    }
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.find(arguments.positionals[1], of: arguments.positionals[0])
    let signature = try registry.signature(of: version, byOneOf: keys)
    try Terminal.print(
      arguments.has("json")
        ? JSONText.line(signature.write)
        : "\(version.model) \(version.number) (\(version.digest)) was signed by the key \(signature.key)\n")
    return .success
  }
}
