import Base
import Inference
import Serving

/// What a server tells of its models on standard error.
enum LoadReport {
  /// How a server without a model gets one.
  static func way(ofRegistry: Bool, isNode: Bool) -> String {
    guard ofRegistry else { return "'ridley model pull NAME' fetches one" }
    return isNode
      ? "an update of the centre brings one ('ridley fleet update --models' there)"
      : "'ridley model publish' brings one into the registry, and 'ridley model alias NAME live VERSION' has it served"
  }

  /// Loads everything and says what there is to try, or else `way`.
  static func load(_ models: ModelRepository, _ address: String, _ way: String) {
    let absent = Monitor<[String]>([])
    let unmade = Monitor<[String]>([])
    models.loadAll { model, version, state in
      if case .unavailable(let fault) = state, isNotHere(fault) {
        let isPulled = fault.message.contains("run 'ridley model pull")
        (isPulled ? absent : unmade).update { $0.append(model) }
      } else {
        tell(model, version, state)
      }
    }
    tell(absent: absent.update { $0.sorted() })
    tell(unmade: unmade.update { $0.sorted() })
    let ready = models.list().flatMap { entry in
      entry.versions.compactMap { if case .ready(let served) = $0.state { served } else { nil } }
    }
    guard let first = ready.first(where: { $0.picture != nil }) ?? ready.first else {
      return Terminal.complain("ridley: no model is ready: \(way)\n")
    }
    let path = first.picture == nil ? "v2/models/\(first.model)" : "v1/models/\(first.model)/predict"
    let example = first.picture == nil ? "curl \(address)/\(path)" : "curl -F image=@picture.jpg \(address)/\(path)"
    Terminal.complain("ridley: \(ready.count) ready; try\n  \(example)\n")
  }

  /// Of a model that is known, and whose files nobody fetched or made yet.
  static func isNotHere(_ fault: Fault) -> Bool { fault.message.contains(" not here: run '") }

  /// One line, however many there are: a fresh checkout has some thirty.
  private static func tell(absent models: [String]) {
    guard let first = models.first else { return }
    let names = some(models)
    let ways = "'ridley model pull \(first)'" + (models.count > 1 ? " fetches one, --all all of them" : " fetches it")
    Terminal.complain("  \(models.count) not pulled yet (\(names)): \(ways)\n")
  }

  private static func tell(unmade models: [String]) {
    guard let first = models.first else { return }
    Terminal.complain(
      "  \(models.count) to be made here (\(some(models))): 'ridley model pull \(first)' says with which command\n")
  }

  private static func some(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }

  static func tell(_ model: String, _ version: String, _ state: ModelRepository.State) {
    switch state {
    case .ready(let served):
      let places = served.place == .remote ? "in units on other hosts" : "\(served.streams) at a time"
      let way = "\(places), \(served.precision)\(served.isTuned ? ", as tuned" : "")"
      let place = served.isIsolated ? ", in a process of its own, because the server crashed while it was at work" : ""
      let limit = served.noPicture.map { "; takes tensors alone: \($0)" } ?? ""
      Terminal.complain("  \(model) \(version): ready (\(way)\(place))\(limit)\n")
      if let check = served.check, check.verdict == .unchecked {
        Terminal.complain("  \(model) \(version): \(check.sentence)\n")
      }
      for note in served.notes { Terminal.complain("  \(model) \(version): note: \(note)\n") }
    case .unavailable(let fault):
      Terminal.complain("  \(model)\(version.isEmpty ? "" : " \(version)"): \(fault.message)\n")
    case .loading: break
    }
  }
}
