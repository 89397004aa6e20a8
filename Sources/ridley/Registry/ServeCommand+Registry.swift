import Base
import Crypto
import Gateway
import Library
import Registry
import Serving

/// A server that serves what aliases of its library's registry point to.
extension ServeCommand {
  static let registryOption = Option.flag(
    "registry", "serve what aliases of the library's registry of models point to, in place of a folder")
  static let trustOption = Option.value(
    "trust", "PUBLIC.pem[,…]", "with --registry: serve only versions that the owner of one of these keys has signed")

  /// The folder from which they are loaded, in the library's; brought in line as far as that can be without a server.
  func registryFolder(_ configuration: ServeConfiguration) throws(Fault) -> RegistryFolder? {
    guard configuration.servesRegistry else { return nil }
    guard configuration.models == nil else {
      throw Fault(
        .usage,
        "say a folder of models, or the registry, and not both: 'ridley model publish' brings one into the other")
    }
    guard let library = try library(configuration) else {
      throw Fault(.usage, "the registry of models is in a library: name one with --library DIR")
    }
    let registry = ModelRegistry(library)
    let keys = try configuration.trust.map { (file) throws(Fault) in
      try Ed25519.PublicKey(pem: try FileSystem.read(file, limit: 1 << 16), name: file)
    }
    let folder = try RegistryFolder(registry, at: "\(library.path)/served-models") { (version) throws(Fault) in
      if !keys.isEmpty { _ = try registry.signature(of: version, byOneOf: keys) }
    }
    try folder.bring(standing: { _, _ in .waiting }) { Terminal.complain(of: $0) }
    return folder
  }

  /// Follows the registry once a second, and its roll-outs five times, where it is served; gives what ends that.
  ///
  /// A version that is new here answers its recorded inputs before an alias moves to it.
  func follow(
    _ folder: RegistryFolder?, _ models: ModelRepository, _ pictures: PictureDesk
  ) -> [@Sendable () -> Void] {
    guard let folder else { return [] }
    let watch = ExampleWatch(folder.registry, models, pictures)
    folder.follow { watch.standing($0, $1) }
    let turns = Monitor(0)
    let thread = RepeatingThread(restMilliseconds: 200, complain: { Terminal.complain(of: $0) }) { () throws(Fault) in
      let moment = Int(Clock.seconds * 1000)
      var (isChanged, trouble) = (false, Fault?.none)
      do throws(Fault) {
        isChanged = try models.rollouts.turn(
          models, folder.registry, at: moment, fault: { folder.mistake(of: $0, $1) },
          complain: { Terminal.complain(of: $0) })
      } catch { trouble = error }
      let isDue = turns.update { turns in
        turns += 1
        return turns % 4 == 0
      }
      if isChanged || isDue { try bring(folder, models) }
      if let trouble { throw trouble }
    }
    return [thread.stop]
  }

  private func bring(_ folder: RegistryFolder, _ models: ModelRepository) throws(Fault) {
    let before = try folder.state()
    // None that the server does not know as one.
    let candidates = models.rollouts.candidates
    try folder.bring(candidates: candidates, standing: { folder.standing($0, $1) }) { Terminal.complain(of: $0) }
    // The server looks at once, and not at its next look; nothing waits for what it loads.
    if try folder.state() != before { models.startRefresh { LoadReport.tell($0, $1, $2) } }
  }
}

extension RegistryFolder {
  /// Moves an alias of the registry, as somebody wants it over HTTP: to a version that answers its recorded inputs as it did.
  var mover: @Sendable (String, String, String?, String) throws(Fault) -> Void {
    { [self] (alias, model, version, who) throws(Fault) in
      let number = version.flatMap { Int($0) }
      guard version == nil || number != nil else { throw Fault(.bug, "a version of the registry that is no number") }
      if let number {
        let place = "version \(number) of '\(model)'"
        switch standing(model, number) {
        case .ready: break
        case .waiting: throw Fault(.unavailable, "\(place) is being loaded, or looked at: try again")
        case .refused(let why), .wrong(let why):
          throw Fault(.conflict, "\(place) cannot be used here, so nothing was moved: \(why)")
        }
      }
      _ = try registry.move(alias, of: model, to: number, by: who)
    }
  }
}
