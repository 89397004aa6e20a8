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
  /// A version that is new here answers its recorded inputs before an alias moves to it. Roll-outs wait neither for that nor for what is laid out: each
  /// has a thread of its own.
  func follow(
    _ folder: RegistryFolder?, _ models: ModelRepository, _ pictures: PictureDesk
  ) -> [@Sendable () -> Void] {
    guard let folder else { return [] }
    let watch = ExampleWatch(folder.registry, models, pictures)
    folder.follow { watch.standing($0, $1) }
    // How often was rested since the folder was brought in line: often enough where a roll-out went on.
    let rests = Monitor(0)
    let turns = RepeatingThread(restMilliseconds: 200, complain: { Terminal.complain(of: $0) }) { () throws(Fault) in
      let moment = Int(Clock.seconds * 1000)
      let isChanged = try models.rollouts.turn(
        models, folder.registry, at: moment, fitness: { folder.fitness($0, $1, watch) },
        complain: { Terminal.complain(of: $0) })
      if isChanged { rests.update { $0 = Self.mostRests } }
    }
    let layers = RepeatingThread(restMilliseconds: 200, complain: { Terminal.complain(of: $0) }) { () throws(Fault) in
      let isDue = rests.update { rests in
        rests += 1
        defer { if rests >= Self.mostRests { rests = 0 } }
        return rests >= Self.mostRests
      }
      if isDue { try bring(folder, models) }
    }
    let looks = RepeatingThread(restMilliseconds: 200, complain: { Terminal.complain(of: $0) }) { () throws(Fault) in
      watch.lookAtAsked()
    }
    return [turns.stop, layers.stop, looks.stop]
  }

  /// Rests of a fifth of a second until the folder is brought in line again.
  private static let mostRests = 4

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
  /// Whether a version that is to be rolled out may be asked: it has to answer its recorded inputs as it did, first.
  ///
  /// Waits for nothing.
  fileprivate func fitness(_ model: String, _ version: Int, _ watch: ExampleWatch) -> RolloutDesk.Fitness {
    if let reason = objection(to: version, of: model) {
      return .unfit("it answers otherwise than it was recorded: \(reason)")
    }
    return switch watch.known(model, version) {
    case .ready: .fit
    case .waiting, .refused: .unknown
    case .wrong(let reason): .unfit("it answers otherwise than it was recorded: \(reason)")
    }
  }

  /// Whether a version may be pointed to, as somebody wants it over HTTP: one that answers its recorded inputs as it did.
  var examiner: @Sendable (String, String) throws(Fault) -> Void {
    { [self] (model, version) throws(Fault) in
      let number = try Self.number(version)
      let place = "version \(number) of '\(model)'"
      switch standing(model, number) {
      case .ready: break
      case .waiting: throw Fault(.unavailable, "\(place) is being loaded, or looked at: try again")
      case .refused(let why), .wrong(let why):
        throw Fault(.conflict, "\(place) cannot be used here, so nothing was moved: \(why)")
      }
    }
  }

  /// Lays a version out to which no alias points yet, as somebody wants to point one to it over HTTP.
  var fetcher: @Sendable (String, String) throws(Fault) -> Void {
    { [self] (model, version) throws(Fault) in
      // '+3' and '03' are names of no version, and would be asked for without an end.
      if let number = Int(version), "\(number)" == version { try fetch(number, of: model) }
    }
  }

  private static func number(_ version: String) throws(Fault) -> Int {
    guard let number = Int(version) else { throw Fault(.bug, "a version of the registry that is no number") }
    return number
  }

  /// Moves an alias of the registry, as somebody wants it over HTTP.
  var mover: @Sendable (String, String, String?, String) throws(Fault) -> Void {
    { [self] (alias, model, version, who) throws(Fault) in
      let number = try version.map { (version) throws(Fault) in try Self.number(version) }
      _ = try registry.move(alias, of: model, to: number, by: who)
    }
  }
}
