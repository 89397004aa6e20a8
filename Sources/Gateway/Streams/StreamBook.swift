public import Base
internal import JSON
public import Streams
internal import Synchronization

/// The streams that were added over HTTP, in a file that only its owner reads, since their sources have passwords in them.
public final class StreamBook: Sendable {
  private enum Key: String, CaseIterable {
    case client, name, source, view, pipeline, model, budget, rate, weight, owner
  }

  private let path: String
  private let onFault: @Sendable (Fault) -> Void
  private let turn = Mutex(())

  /// `onFault` hears of what could not be written down.
  public init(_ path: String, onFault: @escaping @Sendable (Fault) -> Void) {
    (self.path, self.onFault) = (path, onFault)
  }

  /// What was written down; nothing where there is no such file.
  public func read() throws(Fault) -> [StreamDesk.Kept] {
    guard FileSystem.isThere(path) else { return [] }
    let bytes = try FileSystem.read(path)
    return try JSONDocument(parsing: bytes.span.bytes, name: path).root.elements().map { (value) throws(Fault) in
      let fields = try value.fields(Key.self)
      var draft = StreamDesk.Draft(source: try fields.required(.source).string())
      (draft.pipeline, draft.model) = (try fields[.pipeline]?.string(), try fields[.model]?.string())
      draft.budget = try fields.required(.budget).number()
      draft.weight = try fields.required(.weight).number()
      draft.view = try fields[.view]?.string()
      draft.rate = try fields[.rate]?.number()
      return StreamDesk.Kept(
        client: try fields.required(.client).string(), name: try fields.required(.name).string(), draft: draft,
        isOwner: try fields.required(.owner).bool())
    }
  }

  /// Writes down what there is now.
  public func write(_ streams: [StreamDesk.Kept]) {
    let json = JSONWriter.array { json in
      for kept in streams {
        json.object { json in
          json.field("client", kept.client)
          json.field("name", kept.name)
          json.field("source", kept.draft.source)
          json.field("view", ifKnown: kept.draft.view)
          json.field("pipeline", ifKnown: kept.draft.pipeline)
          json.field("model", ifKnown: kept.draft.model)
          json.field("budget", kept.draft.budget)
          json.field("rate", ifKnown: kept.draft.rate)
          json.field("weight", kept.draft.weight)
          json.field("owner", kept.isOwner)
        }
      }
    }
    turn.withLock { _ in
      do throws(Fault) { try FileSystem.write(json, to: path, isSecret: true) } catch { onFault(error.at(path)) }
    }
  }
}
