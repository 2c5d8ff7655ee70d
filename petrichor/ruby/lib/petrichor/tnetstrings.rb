# frozen_string_literal: true

module Petrichor
  # TNetstrings: SIZE ":" DATA TYPE.
  #
  #   ,  bytes     String, ASCII-8BIT       ^  float    Float
  #   #  integer   Integer                  !  boolean  true, false
  #   ]  list      Array                    ~  null     nil
  #   }  dict      Hash, keys UTF-8 String (Symbol with `symbols: true`)
  #
  # Nothing else is accepted; with `strict` numbers must be as they would be written, too.
  module TNetstrings
    SIZE = /\G(?:(0|[1-9][0-9]{0,8}):)/n.freeze
    SIZE_BEGINNING = /\G(?:0|[1-9][0-9]{0,8})?/n.freeze
    SIZE_MAX = 999_999_999
    INTEGER = /\A[+-]?[0-9]+\z/n.freeze
    INTEGER_STRICT = /\A(?:0|-?[1-9][0-9]*)\z/n.freeze
    FLOAT = /\A[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z/n.freeze
    FLOAT_STRICT = /\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z/n.freeze

    # Reads values that lie whole in memory.
    class Parser
      attr_accessor :limits

      # text:: strings that are UTF-8 are so encoded; the others stay ASCII-8BIT
      # symbols:: keys are symbols
      def initialize(limits = BODY, strict: false, text: false, symbols: false)
        @limits = limits
        @strict = strict
        @text = text
        @symbols = symbols
      end

      # Reads data[start, stop) with its TYPE at `stop`. `base` is added to the offsets of errors.
      def parse(data, start, stop, base = 0)
        @data = data
        @base = base
        @elements = 0
        read(start, stop, 0)
      ensure
        @data = nil
      end

      private

      def fail_at(code, why, offset)
        raise TNetstringError.new(code, "cannot read a value: #{why}", @base + offset)
      end

      def read(start, stop, depth)
        @elements += 1
        fail_at('ERR_TNS_COUNT', "at most #{@limits.elements} values are allowed", start) if @elements > @limits.elements
        case @data.getbyte(stop)
        when 0x2c then string(start, stop)
        when 0x23 then integer(start, stop)
        when 0x5e then float(start, stop)
        when 0x21 then boolean(start, stop)
        when 0x7e then null(start, stop)
        when 0x7d then dict(start, stop, deeper(start, depth))
        when 0x5d then list(start, stop, deeper(start, depth))
        else fail_at('ERR_TNS_TYPE', 'the type is none of , # ^ ! ~ } ]', stop)
        end
      end

      def deeper(start, depth)
        fail_at('ERR_TNS_DEPTH', "at most #{@limits.depth} levels are allowed", start) if depth >= @limits.depth
        depth + 1
      end

      def string(start, stop)
        bytes = @data.byteslice(start, stop - start)
        return bytes unless @text

        text = bytes.dup.force_encoding(Encoding::UTF_8)
        text.valid_encoding? ? text : bytes # nothing is ever replaced
      end

      def boolean(start, stop)
        case @data.byteslice(start, stop - start)
        when 'true' then true
        when 'false' then false
        else fail_at('ERR_TNS_BOOLEAN', "a boolean is 'true' or 'false'", start)
        end
      end

      def null(start, stop)
        fail_at('ERR_TNS_NULL', 'null has no data', start) if stop > start
        nil
      end

      def number(start, stop)
        most = @limits.number
        fail_at('ERR_TNS_TOO_LARGE', "a number has at most #{most} characters", start + most) if stop - start > most
        @data.byteslice(start, stop - start)
      end

      def integer(start, stop)
        text = number(start, stop)
        return text.to_i if (@strict ? INTEGER_STRICT : INTEGER).match?(text)

        fail_at('ERR_TNS_INTEGER', 'an integer is a sign, where it has one, and digits', start + Faults.integer(text))
      end

      def float(start, stop)
        text = number(start, stop)
        value = Float(text) if (@strict ? FLOAT_STRICT : FLOAT).match?(text)
        return value if value&.finite?

        fail_at('ERR_TNS_FLOAT', 'a float is digits[.digits][e±digits], finite as a double', start + Faults.float(text))
      end

      def list(start, stop, depth)
        values = []
        at = start
        while at < stop
          first, last = size(at, stop)
          values << read(first, last, depth)
          at = last + 1
        end
        values
      end

      def dict(start, stop, depth)
        values = {}
        at = start
        while at < stop
          fail_at('ERR_TNS_COUNT', "at most #{@limits.keys} keys are allowed", at) if values.size >= @limits.keys
          first, last = size(at, stop)
          key = key(first, last)
          fail_at('ERR_TNS_DUPLICATE_KEY', 'the key came before', at) if values.key?(key)
          fail_at('ERR_TNS_DICT', 'the last key has no value', stop) if last + 1 == stop
          first, last = size(last + 1, stop)
          values[key] = read(first, last, depth)
          at = last + 1
        end
        values
      end

      def key(start, stop)
        fail_at('ERR_TNS_KEY', 'a key is a string', stop) if @data.getbyte(stop) != 0x2c
        key = @data.byteslice(start, stop - start).force_encoding(Encoding::UTF_8)
        fail_at('ERR_TNS_KEY', 'a key is UTF-8', start) unless key.valid_encoding?
        @symbols ? key.to_sym : key
      end

      # Where the data of the value at `at` begin and end, both inside a container that ends at `stop`.
      def size(at, stop)
        match = SIZE.match(@data, at)
        colon = match&.end(0)
        wrong_size(at, stop) if colon.nil? || colon > stop
        last = colon + match[1].to_i
        fail_at('ERR_TNS_OVERRUN', 'it is larger than what it lies in', at) if last >= stop
        [colon, last]
      end

      def wrong_size(at, stop)
        wrong = SIZE_BEGINNING.match(@data, at).end(0)
        fail_at('ERR_TNS_OVERRUN', 'it is larger than what it lies in', stop) if wrong >= stop
        fail_at('ERR_TNS_SIZE', "SIZE is 0 or [1-9][0-9]* of at most 9 digits, then ':'", wrong)
      end
    end

    # Where a number that is known to be wrong is wrong.
    module Faults
      module_function

      def integer(text)
        first = text.match?(/\A[+-]/n) ? 1 : 0
        at = digits(text, first)
        return at if at < text.bytesize || at == first

        text.start_with?('+') ? 0 : first
      end

      def float(text)
        first = text.match?(/\A[+-]/n) ? 1 : 0
        return zero(text, first) if FLOAT.match?(text)

        at = digits(text, first)
        return at if at == first

        if text.getbyte(at) == 0x2e
          fraction = at + 1
          at = digits(text, fraction)
          return at if at == fraction
        end
        return at unless [0x65, 0x45].include?(text.getbyte(at))

        at += 1
        at += 1 if [0x2b, 0x2d].include?(text.getbyte(at))
        digits(text, at)
      end

      # A float that is none only when strict, or is too large.
      def zero(text, first)
        leading = text.getbyte(first) == 0x30 && digits(text, first) > first + 1
        leading && !text.start_with?('+') ? first : 0
      end

      def digits(text, at)
        /\G[0-9]*/n.match(text, at)&.end(0) || at
      end
    end

    module_function

    # The first value of `data`, and the bytes behind it.
    def pop(data, limits: BODY, **options)
      data = data.b
      match = SIZE.match(data)
      if match.nil?
        wrong = SIZE_BEGINNING.match(data).end(0)
        wrong < data.bytesize ? raise(wrong_size(wrong)) : raise(cut(data))
      end
      raise too_large(match[1].to_i, limits.size) if match[1].to_i > limits.size

      start = match.end(0)
      stop = start + match[1].to_i
      raise cut(data) if stop >= data.bytesize

      [Parser.new(limits, **options).parse(data, start, stop), data.byteslice(stop + 1, data.bytesize)]
    end

    # Exactly one value.
    def parse(data, **options)
      value, rest = pop(data, **options)
      return value if rest.empty?

      raise TNetstringError.new('ERR_TNS_TRAILING', 'cannot read one value: more follows it',
                                data.bytesize - rest.bytesize)
    end

    # A value as bytes. Strings go as the bytes that they are, symbols as strings.
    def dump(value)
      dump_parts(value).join
    end

    # A value as pieces to be sent one after the other; large strings are pieces of their own and not copied.
    def dump_parts(value)
      backwards = []
      Writer.write(value, backwards, 0)
      backwards.reverse!
    end

    def cut(data)
      TNetstringError.new('ERR_TNS_TRUNCATED', 'cannot read a value: the input ends within it', data.bytesize)
    end

    def wrong_size(offset)
      TNetstringError.new('ERR_TNS_SIZE',
                          "cannot read a size: it is 0 or [1-9][0-9]* of at most 9 digits, then ':'", offset)
    end

    def too_large(size, most, offset = 0)
      TNetstringError.new('ERR_TNS_TOO_LARGE', "cannot read a value of #{size} bytes: at most #{most} are allowed", offset)
    end

    # Writes values from their end to their beginning, because SIZE stands in front.
    module Writer
      module_function

      def write(value, out, depth)
        case value
        when String then put(out, value, ',')
        when Symbol then put(out, value.name, ',')
        when nil then put(out, '', '~')
        when true then put(out, 'true', '!')
        when false then put(out, 'false', '!')
        when Integer then put(out, value.to_s, '#')
        when Float then put(out, TNetstrings.format_float(value), '^')
        when Array, Hash then container(value, out, depth)
        else cannot("a #{value.class}: TNetstrings have no type for it")
        end
      end

      def cannot(what)
        raise TNetstringError.new('ERR_TNS_VALUE', "cannot write #{what}")
      end

      def put(out, data, type)
        size = data.bytesize
        cannot("#{size} bytes: at most #{SIZE_MAX} are allowed") if size > SIZE_MAX
        prefix = "#{size}:"
        if size < 4096
          out << (prefix.b << data.b << type)
        else
          out << type << data.b << prefix
        end
        prefix.bytesize + size + 1
      end

      def container(value, out, depth)
        cannot("more than #{BODY.depth} levels") if depth >= BODY.depth
        out << (value.is_a?(Hash) ? '}' : ']')
        size = value.is_a?(Hash) ? pairs(value, out, depth) : value.reverse_each.sum { |item| write(item, out, depth + 1) }
        cannot("#{size} bytes: at most #{SIZE_MAX} are allowed") if size > SIZE_MAX
        prefix = "#{size}:"
        out << prefix
        prefix.bytesize + size + 1
      end

      def pairs(hash, out, depth)
        hash.to_a.reverse_each.sum do |key, value|
          cannot("a key that is a #{key.class}") unless key.is_a?(String) || key.is_a?(Symbol)
          write(value, out, depth + 1) + write(key, out, depth + 1)
        end
      end
    end

    # The shortest digits that read back as `value`, placed as ECMAScript places them, so that all languages agree.
    # Where that would look like an integer `.0` follows.
    def format_float(value)
      raise TNetstringError.new('ERR_TNS_VALUE', "cannot write #{value}: a float is finite") unless value.finite?

      sign, whole, fraction, exponent = /\A(-?)([0-9]+)\.([0-9]+)(?:e([+-][0-9]+))?\z/.match(value.to_s).captures
      digits = (whole + fraction).sub(/\A0+/, '')
      point = digits.size - fraction.size + exponent.to_i
      digits = digits.sub(/0+\z/, '')
      sign + place(digits, digits.size, point)
    end

    def place(digits, count, point)
      return '0.0' if count.zero?
      return "#{digits}#{'0' * (point - count)}.0" if point.between?(count, 21)
      return "#{digits[0, point]}.#{digits[point..]}" if point.between?(1, 21)
      return "0.#{'0' * -point}#{digits}" if point.between?(-5, 0)

      mantissa = count == 1 ? digits : "#{digits[0]}.#{digits[1..]}"
      "#{mantissa}e#{point.positive? ? '+' : '-'}#{(point - 1).abs}"
    end

    # Finds outermost values in bytes that come in any pieces. What is kept grows with the bytes that came: a promise of
    # 999,999,999 bytes costs nothing. Offsets of faults are those of the whole stream.
    class Frames
      NOTHING = Object.new.freeze

      def initialize
        @buffer = String.new(encoding: Encoding::BINARY)
        @at = 0
        @size = nil
        @base = 0
      end

      # No byte of a value is here.
      def idle?
        @at == @buffer.bytesize
      end

      def push(data)
        if @at.positive?
          @buffer = @buffer.byteslice(@at, @buffer.bytesize)
          @at = 0
        end
        @buffer << data.b
      end

      # The next value, or NOTHING until more bytes come. With `only_dict` a value of another type is answered as its
      # type's character in a Symbol, and not read.
      def next(parser, only_dict: false)
        return NOTHING unless measured?(parser)

        start = @start - @at
        total = start + @size + 1
        return NOTHING if @buffer.bytesize - @at < total

        data = @buffer.byteslice(@at, total)
        base = @base
        @at += total
        @base += total
        @size = nil
        @buffer, @at = String.new(encoding: Encoding::BINARY), 0 if idle?
        type = data[-1]
        return type.to_sym if only_dict && ',#^!~]'.include?(type)

        parser.parse(data, start, total - 1, base)
      end

      private

      def measured?(parser)
        return true if @size && (@start = @at + @lead)

        match = SIZE.match(@buffer, @at)
        if match.nil?
          wrong = SIZE_BEGINNING.match(@buffer, @at).end(0)
          raise TNetstrings.wrong_size(@base + wrong - @at) if wrong < @buffer.bytesize

          return false
        end
        size = match[1].to_i
        raise TNetstrings.too_large(size, parser.limits.size, @base) if size > parser.limits.size

        @start = match.end(0)
        @lead = @start - @at
        @size = size
        true
      end
    end
  end
end
