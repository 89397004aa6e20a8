import Access
import Base

/// Takes keys away.
struct KeyRevokeCommand: Command {
  let path = ["key", "revoke"]
  let summary = "Take keys away, and their sessions; a server that runs refuses them within a second"
  let positionals = [Positional(name: "key", help: "its id, as 'ridley key list' shows it", repeats: true)]
  let options = KeyPlace.options
  let examples = ["ridley key revoke h7kq2mzp"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let store = try KeyPlace.store(arguments)
    Interrupt.watch()
    let revoked = try store.change(stillWanted: { !Interrupt.isAsked }) { (list) throws(Fault) in
      var revoked: [AccessKey] = []
      for name in arguments.positionals { revoked.append(try list.revoke(name)) }
      return revoked
    }
    try Terminal.print(revoked.map { "\($0.id) of \($0.client) is revoked\n" }.joined())
    return .success
  }
}
