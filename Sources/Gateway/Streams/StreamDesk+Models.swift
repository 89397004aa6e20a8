internal import Base
public import Serving
public import Streams

extension StreamDesk {
  /// Streams whose pictures are looked at by a server's own models and pipelines.
  public convenience init(_ models: ModelRepository, _ options: Options = Options()) {
    self.init(options) { (draft) throws(Fault) in
      if let name = draft.pipeline { return try models.pipeline(named: name) }
      return try draft.model.map { (name) throws(Fault) in try models.live(model: name) }
    }
  }
}
