# frozen_string_literal: true

# The cases that all implementations share: petrichor/vectors/petrichor.json.

require 'json'
require 'minitest/autorun'
require 'petrichor'

class VectorsTest < Minitest::Test
  VECTORS = JSON.parse(File.read(File.expand_path('../../vectors/petrichor.json', __dir__)))
  TNS = Petrichor::TNetstrings

  def bytes(hex)
    [hex].pack('H*')
  end

  # A vector's way to show a value, as the value.
  def plain(shown)
    return shown.map { |item| plain(item) } if shown.is_a?(Array)
    return shown unless shown.is_a?(Hash)

    kind, data = shown.first
    case kind
    when 'int' then data.to_i
    when 'f' then data.to_f
    when 'b' then bytes(data)
    else data.to_h { |key, value| [bytes(key).force_encoding('UTF-8'), plain(value)] }
    end
  end

  # Equal, and of the same type, order and sign of zero.
  def same(expected, found)
    assert_equal expected.inspect, found.inspect
  end

  def fault(data, **options)
    error = assert_raises(Petrichor::TNetstringError, data.inspect) { TNS.parse(data, **options) }
    [error.code, error.offset]
  end

  def test_accepts
    VECTORS['accept'].each do |test|
      data = bytes(test['hex'])
      value = plain(test['value'])
      same value, TNS.parse(data)
      same value, TNS.parse(data, strict: true)
      same value, TNS.parse(TNS.dump(value))
      assert_equal test['canonical'], TNS.dump(value) == data, data.inspect
    end
  end

  def test_accepts_what_strict_rejects
    VECTORS['lenient'].each do |test|
      data = bytes(test['hex'])
      same plain(test['value']), TNS.parse(data)
      assert_equal test.values_at('code', 'offset'), fault(data, strict: true), data.inspect
    end
  end

  def test_rejects
    VECTORS['reject'].each do |test|
      data = bytes(test['hex'])
      assert_equal test.values_at('code', 'offset'), fault(data), data.inspect
    end
  end

  def read(data, step)
    reader = Petrichor::MessageReader.new(text: :none)
    found = []
    data.bytes.each_slice(step) do |piece|
      reader.push(piece.pack('C*'))
      while (message = reader.next)
        found << message.to_a
      end
    end
    reader.end
    [found, 'clean', nil]
  rescue Petrichor::Error => e
    [found, e.code, e.respond_to?(:offset) ? e.offset : nil]
  end

  def test_streams
    VECTORS['streams'].product([1, 2, 3, 1_000_000]).each do |test, step|
      found, ending, offset = read(test['ascii']&.b || bytes(test['hex']), step)
      same(test['messages'].map { |m| [plain(m['header']), plain(m['body'])] }, found)
      assert_equal test['end'], ending, test['why']
      assert_equal test['offset'], offset, test['why'] if test.key?('offset')
    end
  end

  def test_pairs
    VECTORS['pairs'].each do |test|
      assert_equal test['ascii'], TNS.dump(plain(test['header'])) + TNS.dump(plain(test['body']))
    end
  end
end
