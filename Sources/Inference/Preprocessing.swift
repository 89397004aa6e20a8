internal import Base
internal import COpenVINO

/// Puts type, layout, mean and scale in front of a network, as part of its graph.
enum Preprocessing {
  /// Gives a new network that takes `[N, height, width, channels]` bytes.
  static func wrap(_ network: borrowing Graph, for picture: PictureInput) throws(Fault) -> Graph {
    do {
      var builder: OpaquePointer?
      try unsafe check(
        "ov_preprocess_prepostprocessor_create", ov_preprocess_prepostprocessor_create(network.raw, &builder))
      defer { unsafe ov_preprocess_prepostprocessor_free(builder) }
      var input: OpaquePointer?
      try unsafe check(
        "ov_preprocess_prepostprocessor_get_input_info",
        ov_preprocess_prepostprocessor_get_input_info_by_index(builder, 0, &input))
      defer { unsafe ov_preprocess_input_info_free(input) }
      unsafe try describeBytes(input, picture)
      unsafe try addSteps(input, picture, type: network.inputs[0].element)
      unsafe try describeNetwork(input, picture)
      var made: OpaquePointer?
      try checkAlone("ov_preprocess_prepostprocessor_build") {
        unsafe ov_preprocess_prepostprocessor_build(builder, &made)
      }
      return unsafe try Graph(adopting: made!, madeOf: network)
    } catch let error as EngineError {
      throw Fault(.unsupported, "the network's input cannot take a picture", cause: error.words)
    } catch {
      throw (error as? Fault) ?? Fault(.bug, "\(error)")
    }
  }

  @unsafe
  private static func describeBytes(_ input: OpaquePointer?, _ picture: PictureInput) throws(EngineError) {
    var tensor: OpaquePointer?
    try unsafe check(
      "ov_preprocess_input_info_get_tensor_info", ov_preprocess_input_info_get_tensor_info(input, &tensor))
    defer { unsafe ov_preprocess_input_tensor_info_free(tensor) }
    try unsafe check(
      "ov_preprocess_input_tensor_info_set_element_type", ov_preprocess_input_tensor_info_set_element_type(tensor, U8))
    unsafe try withLayout(picture.byteLayout) { (layout) throws(EngineError) in
      try unsafe check(
        "ov_preprocess_input_tensor_info_set_layout", ov_preprocess_input_tensor_info_set_layout(tensor, layout))
    }
  }

  @unsafe
  private static func addSteps(
    _ input: OpaquePointer?, _ picture: PictureInput, type: ElementType
  ) throws(EngineError) {
    guard !picture.mean.isEmpty || !picture.scale.isEmpty else { return }  // the type follows by itself
    var steps: OpaquePointer?
    try unsafe check(
      "ov_preprocess_input_info_get_preprocess_steps", ov_preprocess_input_info_get_preprocess_steps(input, &steps))
    defer { unsafe ov_preprocess_preprocess_steps_free(steps) }
    try unsafe check(
      "ov_preprocess_preprocess_steps_convert_element_type",
      ov_preprocess_preprocess_steps_convert_element_type(steps, F32))
    if !picture.mean.isEmpty {
      let mean = picture.mean
      try unsafe check(
        "ov_preprocess_preprocess_steps_mean_multi_channels",
        ov_preprocess_preprocess_steps_mean_multi_channels(steps, mean, Int32(mean.count)))
    }
    if !picture.scale.isEmpty {
      let scale = picture.scale
      try unsafe check(
        "ov_preprocess_preprocess_steps_scale_multi_channels",
        ov_preprocess_preprocess_steps_scale_multi_channels(steps, scale, Int32(scale.count)))
    }
  }

  @unsafe
  private static func describeNetwork(_ input: OpaquePointer?, _ picture: PictureInput) throws(EngineError) {
    var model: OpaquePointer?
    try unsafe check(
      "ov_preprocess_input_info_get_model_info", ov_preprocess_input_info_get_model_info(input, &model))
    defer { unsafe ov_preprocess_input_model_info_free(model) }
    unsafe try withLayout(picture.layout) { (layout) throws(EngineError) in
      try unsafe check(
        "ov_preprocess_input_model_info_set_layout", ov_preprocess_input_model_info_set_layout(model, layout))
    }
  }

  @unsafe
  private static func withLayout(
    _ text: String, _ body: (OpaquePointer?) throws(EngineError) -> Void
  ) throws(EngineError) {
    var layout: OpaquePointer?
    try unsafe check("ov_layout_create", ov_layout_create(text, &layout))
    defer { unsafe ov_layout_free(layout) }
    unsafe try body(layout)
  }
}
