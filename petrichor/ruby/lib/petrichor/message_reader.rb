# frozen_string_literal: true

module Petrichor
  # What `recv` answers.
  Message = Struct.new(:header, :body)

  # HEADER,BODY pairs from bytes in any pieces, without an IO. After an error it is of no more use.
  class MessageReader
    # text:: :header (default) reads strings of headers that are UTF-8 so encoded; :none and :all say what they do
    # symbols:: keys of headers are symbols
    def initialize(limits = DEFAULT_LIMITS, strict: false, text: :header, symbols: false)
      @limits = limits
      @frames = TNetstrings::Frames.new
      @headers = TNetstrings::Parser.new(limits.header, strict: strict, text: text != :none, symbols: symbols)
      @bodies = TNetstrings::Parser.new(limits.body, strict: strict, text: text == :all)
      @header = nil
    end

    # Whether some, but not all, of a message is here.
    def mid_message?
      !@header.nil? || !@frames.idle?
    end

    # Makes headers and bodies no larger than this for now; nil goes back to their limits.
    def restrict(size)
      { @headers => @limits.header, @bodies => @limits.body }.each do |parser, own|
        parser.limits = size.nil? ? own : own.with(size: [size, own.size].min)
      end
    end

    def push(data)
      @frames.push(data)
    end

    # The next message, or nil until more bytes come.
    def next
      if @header.nil?
        header = @frames.next(@headers, only_dict: true)
        return nil if header.equal?(TNetstrings::Frames::NOTHING)
        # Its body would be taken for the next header, so this cannot go on.
        raise Error.new('ERR_PETRICHOR_HEADER', "cannot read a header: found a value of type '#{header}'; a header is a dict") unless header.is_a?(Hash)

        @header = header
      end
      body = @frames.next(@bodies)
      return nil if body.equal?(TNetstrings::Frames::NOTHING)

      header, @header = @header, nil
      Message.new(header, body)
    end

    # One value, whatever it is, in an array of its own; nil until more bytes come.
    def next_chunk
      unless @header.nil?
        header, @header = @header, nil
        return [header]
      end
      value = @frames.next(@bodies)
      value.equal?(TNetstrings::Frames::NOTHING) ? nil : [value]
    end

    # Says that the input has ended; raises where that is not between two messages.
    def end
      return unless mid_message?

      raise Error.new('ERR_PETRICHOR_TRUNCATED', 'cannot read a message: the connection ends within it')
    end
  end
end
