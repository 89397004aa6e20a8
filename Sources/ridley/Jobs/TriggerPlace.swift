import Base
import Catalog
import Inference
import Items
import Jobs
import Library
import Objects

/// Where triggers are, how a command names them, and how they are printed.
enum TriggerPlace {
  static let position = Positional(name: "trigger", help: "its id, or the last 4 characters or more of it")

  static func desk(_ arguments: Arguments, makes: Bool = false) throws(Fault) -> TriggerDesk {
    TriggerDesk(try JobPlace.desk(of: try LibraryPlace.open(arguments, makes: makes)))
  }

  /// What does all that triggers ask for, with models as they are found here; the engine is asked for only for networks without a manifest.
  static func keeper(
    _ desk: TriggerDesk, examiner: any MediaExaminer, models: String?,
    engine: @escaping @Sendable () throws(Fault) -> Engine
  ) -> TriggerKeeper {
    let watched = WatchedFolders(
      examiner: examiner, isMedia: { InputFiles.isMedia($0) },
      // It is looked at again soon.
      bucket: { (address) throws(Fault) in try SharedPlace.client(address, patience: 5) },
      complain: { Terminal.complain(of: $0) })
    return TriggerKeeper(desk, watched) { (pinned) throws(Fault) in
      try JobPlace.renew(pinned, models: models, engine: engine)
    }
  }

  static func print(_ trigger: Trigger, _ arguments: Arguments) throws(Fault) {
    if arguments.has("json") {
      try Terminal.print(JSONText.line { write(trigger, into: &$0) })
    } else if !arguments.has("quiet") {
      let state = trigger.isPaused ? "paused" : "a server with this library, or 'ridley trigger run', does what it asks"
      try Terminal.print("\(trigger.id)  \(text(trigger)): \(trigger.pipeline.series)\n\(state)\n")
    }
  }

  /// What it waits for.
  static func text(_ trigger: Trigger) -> String {
    let group = [trigger.client, trigger.group.brand, trigger.group.campaign].compactMap { $0 }.joined(separator: "/")
    let tags = trigger.tags.isEmpty ? "" : " with \(trigger.tags.joined(separator: ", "))"
    switch trigger.event {
    case .asset:
      return "each new \(trigger.isPicture.map { $0 ? "picture" : "video" } ?? "asset") of \(group)\(tags)"
    case .folder: return "each file in \(trigger.folder ?? ""), as one of \(group)\(tags)"
    case .model: return "each new version of its models, over \(group)\(tags)"
    }
  }

  static func write(_ trigger: Trigger, into json: inout JSONWriter) {
    trigger.write(into: &json)
    json.object("pipeline") { json in
      json.field("series", trigger.pipeline.series)
      json.field("digest", trigger.pipeline.digest)
      json.field("models", trigger.pipeline.models)
    }
  }
}
