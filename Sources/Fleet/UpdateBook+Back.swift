public import Base
internal import Catalog
internal import Library
internal import Objects
public import Updates

/// The way back.
extension UpdateBook {
  /// What would undo an update: what it changed, as the bundle of an older one has it, under the next number; all else stays as it is.
  ///
  /// Refused before anything moves, where the update was stopped, where another one changed the same and `older` does not say what is gone back to, where
  /// bytes of the older one are gone, where it says nothing of a part that the newer one changed, and where its program could not read the libraries
  /// that the newer one's has written.
  public func undoing(_ version: Int, to older: Int?) throws(Fault) -> (
    bundle: Bundle, target: UpdateTarget, back: Int
  ) {
    let update = try update(version)
    try checkState(update)
    let chosen = try chosen(older, before: update)
    let missing = update.parts.subtracting(chosen.parts).sorted()
    guard missing.isEmpty else {
      throw Fault(
        .conflict,
        "update \(chosen.version) says nothing of \(missing.joined(separator: ", ")), which update \(version) changed: make one with 'ridley fleet update'"
      )
    }
    if older == nil { try checkOthers(update, chosen) }
    let (new, old) = (try bundle(of: update).unchecked(), try bundle(of: chosen).unchecked().part(of: update.parts))
    if let newer = new.program?.schema, let back = old.program?.schema, back < newer - 1 {
      throw Fault(
        .unsupported,
        "the program of update \(version) writes libraries of schema \(newer), and that of update \(chosen.version) reads those up to \(back + 1): go back over one between them"
      )
    }
    let (centre, number) = try next()
    let bundle = Bundle(
      centre: centre, version: number, issued: library.now, target: update.target, models: old.models,
      pipelines: old.pipelines, program: old.program, health: old.health)
    for blob in bundle.blobs
    where try ObjectName(blob.sha256).flatMap({ (name) throws(Fault) in try library.objects.lease(name) }) == nil {
      throw Fault(
        .notFound,
        "the bytes \(blob.sha256) of update \(chosen.version) are gone, so nothing is moved: publish them anew, or go back to another"
      )
    }
    return (bundle, update.target, chosen.version)
  }

  private func checkState(_ update: FleetUpdate) throws(Fault) {
    let version = update.version
    switch update.state {
    case .done, .replaced: return
    case .running:
      throw Fault(
        .conflict, "the update \(version) is running: 'ridley fleet stop \(version)' ends it, and its nodes go back")
    case .stopped:
      throw Fault(
        .conflict,
        "the update \(version) was stopped, and the nodes that had it went back by themselves: there is nothing to undo"
      )
    }
  }

  /// Refuses what would undo another one too: one that changed the same for some of the nodes since, or between both.
  private func checkOthers(_ update: FleetUpdate, _ chosen: FleetUpdate) throws(Fault) {
    let nodes = try nodes().map(\.node)
    let other = try updates().last { other in
      other.version > chosen.version && other.version != update.version
        && (other.state == .done || other.state == .running)
        && !other.parts.isDisjoint(with: update.parts)
        && nodes.contains { node in
          let (name, groups) = (node.name.text, node.groups)
          return other.target.has(node: name, groups: groups) && update.target.has(node: name, groups: groups)
        }
    }
    guard let other else { return }
    let same = other.parts.intersection(update.parts).sorted().joined(separator: ", ")
    throw Fault(
      .conflict,
      "update \(other.version) changed \(same) too, and going back from update \(update.version) to update \(chosen.version) would undo that as well: say with --to which update is gone back to"
    )
  }

  /// The update that is gone back to: `older`, or the last one that says all that this one changed.
  private func chosen(_ older: Int?, before update: FleetUpdate) throws(Fault) -> FleetUpdate {
    guard let found = try updates().wayBack(from: update, to: older) else {
      throw Fault(
        .notFound,
        "there is no update \(older.map(String.init) ?? "before \(update.version)") that went through for all nodes of '\(update.target.text)' and says all that update \(update.version) changed (\(update.parts.sorted().joined(separator: ", "))): make one with 'ridley fleet update'"
      )
    }
    return found
  }
}
