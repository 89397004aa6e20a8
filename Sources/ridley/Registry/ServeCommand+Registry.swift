import Base
import Gateway
import Library
import Registry
import Serving

/// A server that serves what aliases of its library's registry point to.
extension ServeCommand {
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
    let folder = try RegistryFolder(ModelRegistry(library), at: "\(library.path)/served-models")
    try folder.bring(standing: { _, _ in .waiting }) { Terminal.complain(of: $0) }
    return folder
  }

  /// Follows the registry once a second, and its roll-outs four times, where it is served; gives what ends that.
  func follow(_ folder: RegistryFolder?, _ models: ModelRepository) -> [@Sendable () -> Void] {
    guard let folder else { return [] }
    let turns = Monitor(0)
    let thread = RepeatingThread(restMilliseconds: 200, complain: { Terminal.complain(of: $0) }) { () throws(Fault) in
      let moment = Int(Clock.seconds * 1000)
      var (isChanged, trouble) = (false, Fault?.none)
      do throws(Fault) {
        isChanged = try models.rollouts.turn(models, folder.registry, at: moment) { Terminal.complain(of: $0) }
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
    try folder.bring(candidates: candidates, standing: { models.standing($0, $1) }) { Terminal.complain(of: $0) }
    // The server looks at once, and not at its next look; nothing waits for what it loads.
    if try folder.state() != before { models.startRefresh { LoadReport.tell($0, $1, $2) } }
  }
}

extension RegistryFolder {
  /// Moves an alias of the registry, as somebody wants it over HTTP.
  var mover: @Sendable (String, String, String?, String) throws(Fault) -> Void {
    { [registry] (alias, model, version, who) throws(Fault) in
      let number = version.flatMap { Int($0) }
      guard version == nil || number != nil else { throw Fault(.bug, "a version of the registry that is no number") }
      _ = try registry.move(alias, of: model, to: number, by: who)
    }
  }
}

extension ModelRepository {
  /// How a version of the registry stands here.
  fileprivate func standing(_ model: String, _ version: Int) -> RegistryFolder.Standing {
    let known = list().first { $0.model == model }?.versions.first { $0.version == "\(version)" }
    return switch known?.state {
    case .ready: .ready
    case .unavailable(let fault): .refused(fault.message)
    case .loading, nil: .waiting
    }
  }
}
