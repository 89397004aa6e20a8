/// A network that adds up the bytes of a picture of 2 by 2 pixels, and so can be guessed to give a score.
public enum ByteNetwork {
  /// OpenVINO IR of `sum over [1,2,2,3]` with all dimensions kept, written by hand.
  private static let xml = """
    <?xml version="1.0"?>
    <net name="bytes" version="11">
      <layers>
        <layer id="0" name="in" type="Parameter" version="opset1">
          <data shape="1,2,2,3" element_type="u8"/>
          <output><port id="0" precision="U8" names="in"><dim>1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port></output>
        </layer>
        <layer id="1" name="floats" type="Convert" version="opset1">
          <data destination_type="f32"/>
          <input><port id="0" precision="U8"><dim>1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port></input>
          <output><port id="1" precision="FP32"><dim>1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port></output>
        </layer>
        <layer id="2" name="axes" type="Const" version="opset1">
          <data element_type="i64" shape="3" offset="0" size="24"/>
          <output><port id="0" precision="I64"><dim>3</dim></port></output>
        </layer>
        <layer id="3" name="sum" type="ReduceSum" version="opset1">
          <data keep_dims="true"/>
          <input>
            <port id="0" precision="FP32"><dim>1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port>
            <port id="1" precision="I64"><dim>3</dim></port>
          </input>
          <output>
            <port id="2" precision="FP32" names="sum"><dim>1</dim><dim>1</dim><dim>1</dim><dim>1</dim></port>
          </output>
        </layer>
        <layer id="4" name="out" type="Result" version="opset1">
          <input><port id="0" precision="FP32"><dim>1</dim><dim>1</dim><dim>1</dim><dim>1</dim></port></input>
        </layer>
      </layers>
      <edges>
        <edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>
        <edge from-layer="1" from-port="1" to-layer="3" to-port="0"/>
        <edge from-layer="2" from-port="0" to-layer="3" to-port="1"/>
        <edge from-layer="3" from-port="2" to-layer="4" to-port="0"/>
      </edges>
    </net>
    """

  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String) throws {
    try HandWritten.write(xml, constants: [1, 2, 3], to: path)
  }
}
