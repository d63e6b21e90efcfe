# Writes OUTPUT: the SQL files INPUTS, in order, as the array that storage/schema.hpp declares.
set(text "#include \"storage/schema.hpp\"\n\nnamespace firn::storage {\n\nstd::vector<std::string_view> const migrations = {\n")
foreach(input ${INPUTS})
    file(READ ${input} sql)
    string(APPEND text "R\"sql(${sql})sql\",\n")
endforeach()
string(APPEND text "};\n\n}  // namespace firn::storage\n")
file(WRITE ${OUTPUT} "${text}")
