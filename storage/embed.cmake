# firn_embed(SOURCE HEADER NAMESPACE VARIABLE FILE…) writes SOURCE, which defines what HEADER declares:
#
#     extern std::span<EmbeddedFile const> const VARIABLE;    in NAMESPACE, one element per FILE, in this order
#
# Runs with CMake, and again when one of the files has changed.
function(firn_embed source header namespace variable)
    set(elements "")
    foreach(file IN LISTS ARGN)
        file(READ ${file} text)
        get_filename_component(name ${file} NAME)
        string(APPEND elements "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endforeach()
    set(content "#include \"${header}\"\n\nnamespace ${namespace} {\n\n")
    string(APPEND content "constexpr storage::EmbeddedFile files[] = {\n${elements}};\n")
    string(APPEND content "std::span<storage::EmbeddedFile const> const ${variable} = files;\n\n")
    string(APPEND content "}  // namespace ${namespace}\n")
    # Unchanged content is not written again, so that nothing is compiled again.
    set(before "")
    if(EXISTS ${source})
        file(READ ${source} before)
    endif()
    if(NOT before STREQUAL content)
        file(WRITE ${source} "${content}")
    endif()
endfunction()
